-- What was changed by operators, and which columns the service itself added or changed.

create table polysink.changes (
    change_id  uuid primary key,
    changed_at timestamptz not null default now(),
    changed_by text not null,
    sync_id    uuid,
    action     text not null,
    before     jsonb,
    after      jsonb
);

-- The last changes of a sync, and of all.
create index changes_sync_id_idx on polysink.changes (sync_id, changed_at);
create index changes_changed_at_idx on polysink.changes (changed_at);

comment on table polysink.changes is
    'One row per change that an operator made, and per change of columns that polysink made. Written in the transaction of the change. It holds no values of fields.';
comment on column polysink.changes.change_id is 'UUID version 7, in order of time.';
comment on column polysink.changes.changed_at is 'When the change began.';
comment on column polysink.changes.changed_by is 'The operator: user and host of the command, or the admin page and its client. `polysink` for the service itself.';
comment on column polysink.changes.sync_id is 'The sync that was changed; null if it concerns all.';
comment on column polysink.changes.action is
    'columns, identity, rebuild, deletes, resolve, replay, prune, forget, adopt or repair.';
comment on column polysink.changes.before is 'The changed part before; null if there was none.';
comment on column polysink.changes.after is 'The changed part afterwards.';
