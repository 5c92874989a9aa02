-- A catalogue has at most 2,000 fields: a record can have a million names, and every later delivery would pay for each of them.

create table polysink.catalogues (
    sync_id              uuid primary key,
    version              bigint not null,
    uncatalogued_records bigint not null default 0,
    uncatalogued_field   text,
    uncatalogued_at      timestamptz
);

comment on table polysink.catalogues is
    'A row for each sync with fields in polysink.fields: which version its catalogue has, and what there was no room for.';
comment on column polysink.catalogues.sync_id is 'The sync.';
comment on column polysink.catalogues.version is 'Counts the changes of the sync''s rows in polysink.fields. The service reads them again when it is another one.';
comment on column polysink.catalogues.uncatalogued_records is
    'How many records were projected with fields beyond the 2,000 of the catalogue, or with names of more than 1,000 bytes. Their values are in _unfit, under their names.';
comment on column polysink.catalogues.uncatalogued_field is 'The name of one of these fields, cut at 100 characters; null where there was none.';
comment on column polysink.catalogues.uncatalogued_at is 'When the latest delivery with one was received; null where there was none.';

-- What earlier versions took beyond that. Their values are in _unfit already.
delete from polysink.fields
where ordinal >= 2000 and column_type is null and not pinned and not hidden;

insert into polysink.catalogues (sync_id, version)
select distinct sync_id, 1 from polysink.fields;
