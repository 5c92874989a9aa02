-- One look at all records of a delivery, without a savepoint and a round trip for each that the database refuses.

create function polysink.jsonb_error(document text) returns text
language plpgsql as $$
begin
    perform document::jsonb;
    return null;
exception when others then
    return format('%s (%s)', sqlerrm, sqlstate);
end
$$;

comment on function polysink.jsonb_error(text) is
    'Why jsonb does not take a text, in PostgreSQL''s words and with the SQLSTATE; null where it does.';
