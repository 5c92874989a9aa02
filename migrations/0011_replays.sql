-- Replays: which deliveries are still to be written again.

create table polysink.replays (
    replay_id  uuid primary key,
    started_at timestamptz not null,
    sync_id    uuid,
    since      timestamptz,
    until      timestamptz,
    deliveries bigint not null
);

comment on table polysink.replays is 'The replay in progress, or the one that was interrupted. At most one; `polysink replay` goes on with it.';
comment on column polysink.replays.replay_id is 'UUID version 7, made at its start.';
comment on column polysink.replays.started_at is 'When it was started.';
comment on column polysink.replays.sync_id is 'Only deliveries of this sync; null for all.';
comment on column polysink.replays.since is 'Only deliveries received at this time or later; null for no limit.';
comment on column polysink.replays.until is 'Only deliveries received before this time; null for no limit.';
comment on column polysink.replays.deliveries is 'How many deliveries it has in all.';


create table polysink.replaying (
    backward    boolean not null,
    sent_at     timestamptz not null,
    envelope_id uuid not null,
    received_at timestamptz not null,
    primary key (backward, sent_at, envelope_id)
);

comment on table polysink.replaying is 'The deliveries that the replay has still to write.';
comment on column polysink.replaying.backward is 'False until it has been written in order. True if it also has records that the ledger knows from later deliveries only: these are restored from the newest delivery to the oldest.';
comment on column polysink.replaying.sent_at is 'As in polysink.envelopes.';
comment on column polysink.replaying.envelope_id is 'The envelope.';
comment on column polysink.replaying.received_at is 'As in polysink.envelopes; names the partition.';


alter table polysink.backlog add column replayed boolean not null default false;

comment on column polysink.backlog.replayed is 'True for a delivery that was projected before: its misfits have been counted.';


alter table polysink.rejections add column settlement text check (settlement in ('replayed', 'rebuilt', 'resolved'));

comment on column polysink.rejections.settlement is 'replayed: a replay has written it; what still failed of it is in rejections of its own. rebuilt: a rebuild has projected it. resolved: dealt with by hand. Null while it is open.';

-- Open ones are few, whatever has been settled.
create index rejections_open_idx on polysink.rejections (received_at, rejection_id) where settled_at is null;

-- What the ledger refused is not projected, also when that was dealt with by hand.
create index rejections_refused_idx on polysink.rejections (envelope_id)
    where scope = 'record' and reason = 'unstorable' and settlement is distinct from 'replayed';
drop index polysink.rejections_unstorable_idx;
