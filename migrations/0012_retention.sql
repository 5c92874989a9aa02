-- Retention: when it last ran, for the metrics and `doctor`.

create table polysink.retention (
    only_row            boolean primary key default true check (only_row),
    ran_at              timestamptz not null,
    removed_partitions  bigint not null,
    removed_rejections  bigint not null,
    kept_partitions     bigint not null
);

comment on table polysink.retention is 'The last run of the retention, by whichever replica. One row; none before the first run.';
comment on column polysink.retention.only_row is 'True: the table has one row.';
comment on column polysink.retention.ran_at is 'When it ended.';
comment on column polysink.retention.removed_partitions is 'Days of the raw log that were ever removed.';
comment on column polysink.retention.removed_rejections is 'Settled rejections that were ever removed.';
comment on column polysink.retention.kept_partitions is 'Days that were due in the last run and had to stay: deliveries of theirs were not in the query tables, or a session used them.';
