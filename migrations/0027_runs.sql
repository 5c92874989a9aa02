-- The sender's books: each run of a sync, as Polytomic's API tells it, and how much of it has arrived.

create table polysink.runs (
    sync_id        uuid not null,
    source_id      uuid not null,
    execution_id   text collate "C" not null,
    type           text,
    status         text not null,
    created_at     timestamptz,
    started_at     timestamptz,
    completed_at   timestamptz,
    counts         jsonb not null,
    errors         text[] not null,
    full_run       boolean,
    expected       bigint,
    expected_basis text[],
    received_min   bigint,
    received_max   bigint,
    rejected       bigint,
    refused        bigint,
    verdict        text not null check (verdict in (
                       'running', 'settling', 'complete', 'short', 'over', 'failed', 'unverified', 'ambiguous',
                       'unknown')),
    reason         text,
    proof          text check (proof in ('counts', 'records')),
    settled_at     timestamptz,
    checked_at     timestamptz,
    check_at       timestamptz,
    primary key (sync_id, execution_id)
);

-- The runs to compare, and the last ones of a sync.
create index runs_source_id_check_at_idx on polysink.runs (source_id, check_at);
create index runs_source_id_completed_at_idx on polysink.runs (source_id, completed_at);

-- The late runs of all syncs.
create index runs_completed_at_idx on polysink.runs (completed_at);

-- The full runs after a short one.
create index runs_whole_idx on polysink.runs (sync_id, started_at) where full_run and verdict = 'complete';

comment on table polysink.runs is
    'One row per run of a sync that Polytomic''s API has told of, with what arrived of it. Empty without POLYSINK_POLYTOMIC_KEY.';
comment on column polysink.runs.sync_id is 'The sync that ran.';
comment on column polysink.runs.source_id is 'Polytomic''s id of the sync: another one than sync_id, if the sync has been adopted.';
comment on column polysink.runs.execution_id is 'Polytomic''s id of the run.';
comment on column polysink.runs.type is 'Polytomic''s word for the kind of run; its values are not documented.';
comment on column polysink.runs.status is 'Polytomic''s word for its state: running, completed, failed, and others.';
comment on column polysink.runs.created_at is 'When it was asked for, by Polytomic''s clock.';
comment on column polysink.runs.started_at is 'When it began, by Polytomic''s clock.';
comment on column polysink.runs.completed_at is 'When it ended, by Polytomic''s clock; null while it is in progress.';
comment on column polysink.runs.counts is 'The counts that Polytomic gives for it. Their meaning for a webhook is not documented.';
comment on column polysink.runs.errors is 'The errors that Polytomic gives for it.';
comment on column polysink.runs.full_run is 'True if the sync sends every record in each run; null if it is not known.';
comment on column polysink.runs.expected is 'How many records Polytomic sent, by its counts; null while it is not known which count that is.';
comment on column polysink.runs.expected_basis is 'The counts that gave `expected`: each of them fitted the sync''s runs before.';
comment on column polysink.runs.received_min is 'Records of the deliveries that were sent in it, without those of a second that it shares with another run.';
comment on column polysink.runs.received_max is 'The same with those of that second.';
comment on column polysink.runs.rejected is 'Records among them that were quarantined.';
comment on column polysink.runs.refused is 'Bodies of that time that were quarantined as a whole; their records are in no count.';
comment on column polysink.runs.verdict is
    'running; settling, its last deliveries may still come; complete; short, fewer records arrived than were sent; over, more; failed, in Polytomic; unverified, the counts cannot be compared; ambiguous, two runs at once; unknown, Polytomic has no such run any more.';
comment on column polysink.runs.reason is 'Why its counts could not be compared; null if they could.';
comment on column polysink.runs.proof is 'The basis of `complete`: counts, or the records themselves.';
comment on column polysink.runs.settled_at is 'When the verdict was reached; null while it can change.';
comment on column polysink.runs.checked_at is 'When it was last compared; null before.';
comment on column polysink.runs.check_at is 'When it is to be compared again; null once its deliveries may have left the raw log.';


create table polysink.sync_sources (
    source_id         uuid primary key,
    sync_id           uuid not null,
    connection        text,
    name              text,
    active            boolean,
    sync_all_records  boolean,
    frequency         text,
    next_execution_at timestamptz,
    expected_basis    text[] not null default '{}',
    asked_at          timestamptz not null,
    error             text,
    failures          integer not null default 0
);

comment on table polysink.sync_sources is
    'One row per sync, with what Polytomic''s API says about it. Empty without POLYSINK_POLYTOMIC_KEY.';
comment on column polysink.sync_sources.source_id is 'Polytomic''s id of the sync.';
comment on column polysink.sync_sources.sync_id is 'The sync here: another one, if it has been adopted.';
comment on column polysink.sync_sources.connection is 'The name of the secret that its deliveries come with, which chooses the key.';
comment on column polysink.sync_sources.name is 'Its name in Polytomic.';
comment on column polysink.sync_sources.active is 'Whether it runs on its schedule.';
comment on column polysink.sync_sources.sync_all_records is 'Whether each run sends every record, changed or not.';
comment on column polysink.sync_sources.frequency is 'Polytomic''s word for its schedule, such as hourly or manual.';
comment on column polysink.sync_sources.next_execution_at is 'When its next run is due; null if none is planned.';
comment on column polysink.sync_sources.expected_basis is 'Which counts of a run say how many records were sent here, as learned from its runs.';
comment on column polysink.sync_sources.asked_at is 'When the API was last asked about it.';
comment on column polysink.sync_sources.error is 'Why the API did not answer then; null if it did.';
comment on column polysink.sync_sources.failures is 'How many times in a row it did not answer.';


-- The schedule is only known where Polytomic has said so lately. A run in progress is not overdue.
create view polysink.next_runs as
select p.sync_id, max(p.next_execution_at) as next_run_at
from polysink.sync_sources p
where p.failures = 0 and p.active is not false and p.asked_at > now() - interval '2 hours'
  and (p.next_execution_at > now()
       or not exists (select from polysink.runs r
                      where r.source_id = p.source_id and r.completed_at is null and r.settled_at is null))
group by p.sync_id
having max(p.next_execution_at) is not null;

comment on view polysink.next_runs is 'When each sync''s next run is due, by its schedule in Polytomic; no row where that is not known.';
comment on column polysink.next_runs.sync_id is 'The sync.';
comment on column polysink.next_runs.next_run_at is 'When it is due: in the past if Polytomic has not started it.';


create view polysink.run_status as
select r.sync_id, s.name, s.table_name, r.execution_id, r.started_at, r.completed_at, r.status, r.full_run,
       r.expected, r.expected_basis, r.received_max as received, greatest(r.expected - r.received_max, 0) as short_by,
       case when r.verdict <> 'short' then 0
            -- A whole full run has sent them again.
            when exists (select from polysink.runs l
                         where l.sync_id = r.sync_id and l.started_at >= r.completed_at and l.full_run
                           and l.verdict = 'complete') then 0
            else r.expected - r.received_max end as missing,
       r.rejected, r.refused, r.verdict, r.reason, r.proof, r.settled_at
from polysink.runs r
join polysink.syncs s on s.sync_id = r.sync_id;

comment on view polysink.run_status is
    'Whether each run of a sync arrived whole. For everyone who reads the query tables.';
comment on column polysink.run_status.sync_id is 'The sync that ran.';
comment on column polysink.run_status.name is 'Its name.';
comment on column polysink.run_status.table_name is 'Its table in schema synced.';
comment on column polysink.run_status.execution_id is 'Polytomic''s id of the run.';
comment on column polysink.run_status.started_at is 'When it began, by Polytomic''s clock.';
comment on column polysink.run_status.completed_at is 'When it ended; null while it is in progress.';
comment on column polysink.run_status.status is 'Polytomic''s word for its state.';
comment on column polysink.run_status.full_run is 'True if it sent every record, changed or not.';
comment on column polysink.run_status.expected is 'How many records Polytomic sent; null while that is not known.';
comment on column polysink.run_status.expected_basis is 'The counts that say so.';
comment on column polysink.run_status.received is 'How many of them arrived.';
comment on column polysink.run_status.short_by is 'How many did not; null while it is not known how many were sent.';
comment on column polysink.run_status.missing is 'How many of them are still missing: those of a short run, until they come or a later full run is complete.';
comment on column polysink.run_status.rejected is 'Records that arrived and were quarantined.';
comment on column polysink.run_status.refused is 'Bodies of that time that were quarantined as a whole.';
comment on column polysink.run_status.verdict is
    'running, settling, complete, short, over, failed, unverified, ambiguous or unknown; see polysink.runs.';
comment on column polysink.run_status.reason is 'Why its counts could not be compared; null if they could.';
comment on column polysink.run_status.proof is 'The basis of `complete`: counts, or the records themselves.';
comment on column polysink.run_status.settled_at is 'When the verdict was reached; null while it can change.';
