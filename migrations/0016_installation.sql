-- Which database this is. A spool keeps the id too, so that deliveries that were spooled for one database are never
-- stored in another.

create table polysink.installation (
    only_row        boolean primary key default true check (only_row),
    installation_id uuid not null default gen_random_uuid()
);
insert into polysink.installation default values;

comment on table polysink.installation is
    'One row: which database this is. A copy of the database has the same id; give it another with `update polysink.installation set installation_id = gen_random_uuid()`.';
comment on column polysink.installation.only_row is 'True: the table has one row.';
comment on column polysink.installation.installation_id is 'Kept by every spool whose deliveries are for this database.';
