-- The heads of deliveries outlive their bodies: what arrived of a run is counted for longer than bodies are kept.

create table polysink.heads (
    envelope_id  uuid not null,
    received_at  timestamptz not null,
    sent_at      timestamptz not null,
    connection   text not null,
    event        text not null,
    sync_id      uuid,
    record_count integer not null,
    source_ip    inet,
    user_agent   text,
    outcome      text not null,
    primary key (received_at, envelope_id)
) partition by range (received_at);

create index heads_sync_id_received_at_idx on polysink.heads (sync_id, received_at);

comment on table polysink.heads is
    'The heads of the deliveries that the retention has removed from polysink.envelopes, for POLYSINK_RETENTION_HEADERS. One partition per UTC day of received_at, named polysink.heads_YYYYMMDD.';
comment on column polysink.heads.envelope_id is 'As in polysink.envelopes.';
comment on column polysink.heads.received_at is 'When the delivery was received. The partition key.';
comment on column polysink.heads.sent_at is 'The Polytomic-Signature-Timestamp header; received_at where there was none.';
comment on column polysink.heads.connection is 'The name of the secret that the delivery was authenticated with.';
comment on column polysink.heads.event is 'The event''s name.';
comment on column polysink.heads.sync_id is 'The sync that it belonged to then: another one than now, if it has been adopted since.';
comment on column polysink.heads.record_count is 'How many records the payload held, before folding and quarantine, with those that were erased later.';
comment on column polysink.heads.source_ip is 'The address that it came from; behind a trusted proxy, the client''s.';
comment on column polysink.heads.user_agent is 'The User-Agent header.';
comment on column polysink.heads.outcome is 'stored or ignored.';
