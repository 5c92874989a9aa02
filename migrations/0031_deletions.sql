-- Rows that a full run did not send: deleted in the source, as far as the run was whole.

alter table polysink.syncs add column infers_deletions boolean not null default false;

comment on column polysink.syncs.infers_deletions is
    'Whether rows that a whole full run did not send count as deleted: `polysink deletes`.';

create table polysink.deletions (
    sync_id      uuid not null,
    execution_id text collate "C" not null,
    started_at   timestamptz not null,
    completed_at timestamptz not null,
    rows         bigint not null,
    state        text not null check (state in ('waiting', 'applied', 'undone')),
    reason       text,
    changed_at   timestamptz not null,
    primary key (sync_id, execution_id)
);

comment on table polysink.deletions is
    'One row per whole full run of a sync with `polysink deletes on`: how many rows it did not send. Which rows that are follows from their times.';
comment on column polysink.deletions.sync_id is 'The sync that ran.';
comment on column polysink.deletions.execution_id is 'Polytomic''s id of the run.';
comment on column polysink.deletions.started_at is 'The second in which it began: rows that were last sent before it are those.';
comment on column polysink.deletions.completed_at is 'When it ended: the rows'' _deleted_at, and the end of their versions.';
comment on column polysink.deletions.rows is 'How many rows it did not send that were not deleted before.';
comment on column polysink.deletions.state is
    'waiting for an operator to apply it; applied; undone by an operator.';
comment on column polysink.deletions.reason is 'Why it waits; null if it does not.';
comment on column polysink.deletions.changed_at is 'When it got this state.';
