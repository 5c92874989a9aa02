-- While a field's type is learned in a large table, its column is dropped and added with another type, which is instant. Only rows
-- that were received since the field was first seen have a value of it.

alter table polysink.fields drop constraint fields_unsettled_check;
alter table polysink.fields add constraint fields_unsettled_check check (unsettled in ('unfit', 'recent', 'all', 'erase'));

alter table polysink.backfills drop constraint backfills_rows_check;
alter table polysink.backfills add constraint backfills_rows_check check (rows in ('unfit', 'recent', 'all', 'erase'));

comment on column polysink.fields.unsettled is
    'The rows that need a backfill of the field: unfit, those with the field in _unfit; recent, those and the rows that were received since it was first seen; all; erase, all, to erase the values of a hidden field; null if none do.';
comment on column polysink.fields.first_seen_at is 'When the first delivery with the field was received.';
