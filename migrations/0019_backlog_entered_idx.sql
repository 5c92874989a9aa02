-- Finds what has entered the backlog lately, however many deliveries have left it that PostgreSQL cannot remove yet.

create index backlog_entered_at_idx on polysink.backlog (entered_at);
