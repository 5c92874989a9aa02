-- Functions whose statements concern one row, or one sync, each: a distributed database takes these, and not one
-- statement over many rows that does the same.

create function polysink.lock_records(syncs uuid[], hashes text[]) returns setof polysink.records
language plpgsql as $$
declare
    locked_sync uuid;
    locked_hash text collate "C";
begin
    for n in 1 .. coalesce(cardinality(hashes), 0) loop
        locked_sync := syncs[n];
        locked_hash := hashes[n];
        return query
            select * from polysink.records r where r.sync_id = locked_sync and r.hash = locked_hash for update;
    end loop;
end
$$;

comment on function polysink.lock_records(uuid[], text[]) is
    'These records of the ledger, as far as it has them, locked in the order given.';

create function polysink.lock_envelopes(received timestamptz[], ids uuid[])
returns table (envelope_id uuid, outcome text)
-- Planned by value: a plan for all days locks each of them.
language plpgsql set plan_cache_mode = force_custom_plan as $$
declare
    locked_at timestamptz;
    locked_id uuid;
begin
    for n in 1 .. coalesce(cardinality(ids), 0) loop
        locked_at := received[n];
        locked_id := ids[n];
        return query
            select e.envelope_id, e.outcome from polysink.envelopes e
            where e.received_at = locked_at and e.envelope_id = locked_id
            for update;
    end loop;
end
$$;

comment on function polysink.lock_envelopes(timestamptz[], uuid[]) is
    'These deliveries of the raw log, as far as it has them, locked in the order given.';

create function polysink.usual_pause(id uuid, since timestamptz, until timestamptz, together interval, most integer)
returns interval
language plpgsql set plan_cache_mode = force_custom_plan as $$
declare
    -- Each step finds the last delivery that is apart from the one before.
    point timestamptz;
    earlier timestamptz;
    longest interval;
    points integer := 0;
begin
    select max(e.received_at) into point from polysink.envelopes e
    where e.sync_id = id and e.received_at > since and e.received_at <= until;
    while point is not null loop
        points := points + 1;
        exit when points > most;
        until := point - together;
        select max(e.received_at) into earlier from polysink.envelopes e
        where e.sync_id = id and e.received_at > since and e.received_at < until;
        longest := greatest(longest, point - earlier);
        point := earlier;
    end loop;
    return case when points > 3 then longest end;
end
$$;

comment on function polysink.usual_pause(uuid, timestamptz, timestamptz, interval, integer) is
    'The longest of a sync''s last pauses between deliveries; null if there are too few to tell.';

create function polysink.waiting_deliveries(syncs uuid[], most bigint)
returns table (sync_id uuid, waiting bigint, waiting_since timestamptz)
language plpgsql as $$
declare
    each_sync uuid;
begin
    foreach each_sync in array syncs loop
        return query
            select each_sync, count(*), min(w.entered_at)
            from (select b.entered_at from polysink.backlog b
                  where b.sync_id = each_sync order by b.sent_at, b.envelope_id limit most) as w;
    end loop;
end
$$;

comment on function polysink.waiting_deliveries(uuid[], bigint) is
    'How many deliveries of these syncs are not in the query tables yet, up to a limit for each, and since when.';
