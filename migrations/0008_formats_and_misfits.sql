alter table polysink.fields
    add column format text,
    add column misfits bigint not null default 0,
    add column misfit_since timestamptz;

comment on column polysink.fields.format is
    'How dates and times of a pinned column are written: us, rfc2822, epoch, epoch-ms or a strftime pattern; null for ISO 8601.';
comment on column polysink.fields.misfits is
    'How many values did not fit the column since it got its type; they are null there and in _unfit. Values of repeated deliveries count again.';
comment on column polysink.fields.misfit_since is 'When the first of them was received; null if there were none.';
comment on column polysink.fields.kinds is
    'How many values of each kind were seen: null, boolean, integer, number, date, timestamp, local_timestamp, uuid, text, json.';
