-- The records of a run, as its log in Polytomic has them, against what has arrived.

alter table polysink.runs
    add column log_records    bigint,
    add column absent         bigint,
    add column log_checked_at timestamptz,
    add column log_problem    text;

comment on column polysink.runs.expected is
    'How many records Polytomic sent, by its counts or its log; null while it is not known which count that is.';
comment on column polysink.runs.proof is 'The basis of `complete`: counts, or the records of its log.';
comment on column polysink.runs.log_records is 'Records of its log in Polytomic; null if the log was not compared.';
comment on column polysink.runs.absent is
    'Records of its log that have not arrived since it began; null if the log was not compared.';
comment on column polysink.runs.log_checked_at is 'When its log was last read; null if never.';
comment on column polysink.runs.log_problem is 'Why its log could not be compared then; null if it could.';

-- Records of the log that have not arrived are more exact than a difference of counts.
create or replace view polysink.run_status as
select r.sync_id, s.name, s.table_name, r.execution_id, r.started_at, r.completed_at, r.status, r.full_run,
       r.expected, r.expected_basis, r.received_max as received,
       case when r.verdict = 'short' and r.absent > 0 then r.absent
            else greatest(r.expected - r.received_max, 0) end as short_by,
       case when r.verdict <> 'short' then 0
            -- A whole full run has sent them again.
            when exists (select from polysink.runs l
                         where l.sync_id = r.sync_id and l.started_at >= r.completed_at and l.full_run
                           and l.verdict = 'complete') then 0
            when r.absent > 0 then r.absent
            else r.expected - r.received_max end as missing,
       r.rejected, r.refused, r.verdict, r.reason, r.proof, r.settled_at
from polysink.runs r
join polysink.syncs s on s.sync_id = r.sync_id;

comment on column polysink.run_status.expected is 'How many records Polytomic sent; null while that is not known.';
comment on column polysink.run_status.proof is 'The basis of `complete`: counts, or the records of its log.';
