-- Events of Polytomic's organization webhook: reasons to ask its API about a sync.

create table polysink.events (
    event_id     text collate "C" primary key,
    received_at  timestamptz not null,
    type         text not null,
    sync_id      uuid,
    execution_id text,
    body         text not null
);

create index events_sync_id_received_at_idx on polysink.events (sync_id, received_at);
create index events_received_at_idx on polysink.events (received_at);

comment on table polysink.events is
    'The signed events that Polytomic''s organization webhook has posted, for POLYSINK_RETENTION. Empty without POLYSINK_EVENTS_SECRET. An event proves nothing: it is a reason to ask the API.';
comment on column polysink.events.event_id is 'Its id; where it has none, the SHA-256 of its body after sha256:.';
comment on column polysink.events.received_at is 'When it was first received, by the service''s clock.';
comment on column polysink.events.type is 'Its type, such as sync.completed. Types that polysink does not know are kept too.';
comment on column polysink.events.sync_id is 'The sync that it is about, by Polytomic''s id; null if it is about none.';
comment on column polysink.events.execution_id is 'The run that it is about.';
comment on column polysink.events.body is 'The JSON as it came. It can have messages of errors, and links to logs that are valid for a short time.';
