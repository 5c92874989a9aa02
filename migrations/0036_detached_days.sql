-- Columns of migration 34, for days of the raw log that were detached when it ran.

-- The retention has detached them and not dropped them yet: they may have to be attached again.
do $$
declare
    day regclass;
begin
    for day in
        select oid from pg_catalog.pg_class
        where relnamespace = 'polysink'::regnamespace and relkind = 'r' and relname ~ '^envelopes_[0-9]{8}$'
          and not relispartition
    loop
        execute format('alter table %s add column if not exists stored_at timestamptz', day);
        execute format('alter table %s add column if not exists spooled boolean not null default false', day);
    end loop;
end
$$;
