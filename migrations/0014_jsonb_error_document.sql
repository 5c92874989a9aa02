-- Databases with the first text of 0004 have a parameter named `json`. PostgreSQL 17 made that word a keyword, so the
-- function fails once their server is upgraded. A parameter cannot be renamed in place.

do $$
begin
    if exists (
        select from pg_catalog.pg_proc
        where pronamespace = 'polysink'::regnamespace and proname = 'jsonb_error' and proargnames = '{json}'
    ) then
        drop function polysink.jsonb_error(text);
        create function polysink.jsonb_error(document text) returns text
        language plpgsql as $function$
        begin
            perform document::jsonb;
            return null;
        exception when others then
            return format('%s (%s)', sqlerrm, sqlstate);
        end
        $function$;
        comment on function polysink.jsonb_error(text) is
            'Why jsonb does not take a text, in PostgreSQL''s words and with the SQLSTATE; null where it does.';
    end if;
end
$$;
