-- The comments in plain words. A comment has one home: the newest migration that sets it.

comment on schema polysink is
    'What polysink received from Polytomic: the raw log, the ledger of distinct records, and the quarantine. Written only by polysink.';
comment on schema synced is
    'One table per Polytomic sync. Everything here can be rebuilt from schema polysink.';

comment on table polysink._sqlx_migrations is 'The migrations of polysink that were applied to this database.';
comment on column polysink._sqlx_migrations.version is 'The number at the start of the migration''s file name.';
comment on column polysink._sqlx_migrations.success is 'Whether it succeeded.';

comment on table polysink.syncs is
    'One row per Polytomic sync that has delivered records. Written when it changes, and otherwise about once a minute; polysink.envelopes has the exact freshness.';
comment on column polysink.syncs.name is 'The sync''s name as last received; null if none was ever sent.';
comment on column polysink.syncs.metadata is 'The metadata object as last received. JSON null is SQL null.';
comment on column polysink.syncs.table_name is 'The name of the sync''s query table in schema synced. Made from the first name received, unique, not changed when the sync is renamed.';
comment on column polysink.syncs.identity is 'The fields that identify an entity, set by an operator; null until set.';
comment on column polysink.syncs.last_received_at is 'When the latest delivery of this sync was received, up to about a minute behind.';

comment on table polysink.envelopes is
    'The raw log: every delivery as received. One partition per UTC day of received_at, named polysink.envelopes_YYYYMMDD, so that retention can drop whole days.';
comment on column polysink.envelopes.sent_at is 'The Polytomic-Signature-Timestamp header; received_at if there was none.';
comment on column polysink.envelopes.connection is 'The name of the secret that authenticated the delivery.';
comment on column polysink.envelopes.event is 'The event''s name: sync.records, or one that polysink does not know.';
comment on column polysink.envelopes.sync_id is 'The sync; null for an unknown event without one.';
comment on column polysink.envelopes.metadata is 'The metadata of the delivery. JSON null is SQL null.';
comment on column polysink.envelopes.record_count is 'The number of records in the payload, duplicates and rejected ones included.';
comment on column polysink.envelopes.source_ip is 'The client''s address, also behind a trusted proxy.';
comment on column polysink.envelopes.outcome is 'stored: its records are in polysink.records or polysink.rejections. ignored: an unknown event; only this row is kept.';
comment on column polysink.envelopes.body is 'The JSON exactly as received, decompressed. Text, because jsonb refuses some valid JSON.';

comment on table polysink.records is
    'The ledger: one row per distinct record of a sync, by content hash. An edited source row has a new hash, so an entity can have several rows.';
comment on column polysink.records.sync_id is 'The sync of the record.';
comment on column polysink.records.hash is 'Polytomic''s digest of the fields. Starts with polysink: if the record had none and polysink made it.';
comment on column polysink.records.fields is 'The record''s fields, as in its newest sighting. Numbers keep every digit.';
comment on column polysink.records.altered is 'True if jsonb cannot hold the text (a NUL character or a lone surrogate) and U+FFFD replaces it; the envelope has the exact text.';
comment on column polysink.records.first_position is 'The record''s place in that payload, counted from 0.';
comment on column polysink.records.last_position is 'The record''s place in that payload, counted from 0.';
comment on column polysink.records.times_received is 'How many times the record was received, repeats within one payload included.';

comment on table polysink.rejections is
    'The quarantine: authenticated bodies and records that could not be stored. No authenticated delivery is thrown away.';
comment on column polysink.rejections.rejection_id is 'UUID version 7, made at receipt; a refused body''s is in the answer that Polytomic shows.';
comment on column polysink.rejections.sent_at is 'The Polytomic-Signature-Timestamp header; received_at if there was none.';
comment on column polysink.rejections.connection is 'The name of the secret that authenticated the delivery.';
comment on column polysink.rejections.scope is
    'envelope: a whole body, answered 400. record: one record of a stored delivery, or many of its records with the same reason.';
comment on column polysink.rejections.reason is 'The reason as a code.';
comment on column polysink.rejections.detail is 'The reason as a sentence; that of the first record if there are many.';
comment on column polysink.rejections.sync_id is 'The sync, if it is known.';
comment on column polysink.rejections.envelope_id is 'The envelope of the record; null for a whole body.';
comment on column polysink.rejections.position is 'The record''s place in the payload, counted from 0; that of the first if there are many; null for a whole body.';
comment on column polysink.rejections.positions is 'The places of the records if there are many; null for one record or a whole body.';
comment on column polysink.rejections.payload is
    'The bytes as received: the record''s JSON, a JSON array if there are many records, or the body (decompressed if possible).';
comment on column polysink.rejections.settled_at is 'When it was resolved, by a replay, a rebuild or an operator; null while it is open.';

comment on table polysink.backlog is
    'Deliveries that are not in the query tables yet. Added with the delivery, removed in the transaction that projects it.';
comment on column polysink.backlog.received_at is 'When it was received: names its partition, and gives the lag of the query tables.';
comment on column polysink.backlog.sent_at is 'When it was sent; the oldest is projected first.';
comment on column polysink.backlog.sync_id is 'The sync of the delivery.';

comment on table polysink.fields is
    'The catalogue: the column and type of each field of a sync. `polysink column` changes it.';
comment on column polysink.fields.column_type is 'The column''s type; null if there is no column, and the field''s values are in _unfit.';
comment on column polysink.fields.wanted_type is 'The type that the column should have: learned from the first 1,000 values that are not null, or set by an operator.';
comment on column polysink.fields.pinned is 'True if an operator set the type; new values do not change it.';
comment on column polysink.fields.hidden is 'True if an operator left the field out of the query tables.';
comment on column polysink.fields.blocked is 'Why the column does not have the type that it should have, if that takes an operator; null otherwise.';
comment on column polysink.fields.unsettled is
    'The rows that need a backfill of the field: unfit, those with the field in _unfit; all; erase, all, to erase the values of a hidden field; null if none do.';
comment on column polysink.fields.first_seen_at is 'When the first delivery with the field was received.';
comment on column polysink.fields.last_seen_at is 'When the latest delivery with the field was received.';
comment on column polysink.fields.ordinal is 'The field''s place in the sync, in order of first appearance, counted from 0.';

comment on view polysink.unidentified is
    'Records without a key: a field of their sync''s identity is missing or null. They are in the ledger and in no query table.';
comment on column polysink.unidentified.sync_id is 'The sync of the record.';
comment on column polysink.unidentified.hash is 'Polytomic''s digest of the fields. Starts with polysink: if the record had none and polysink made it.';
comment on column polysink.unidentified.altered is 'True if jsonb cannot hold the text (a NUL character or a lone surrogate) and U+FFFD replaces it; the envelope has the exact text.';
comment on column polysink.unidentified.first_position is 'The record''s place in that payload, counted from 0.';
comment on column polysink.unidentified.last_position is 'The record''s place in that payload, counted from 0.';
comment on column polysink.unidentified.times_received is 'How many times the record was received, repeats within one payload included.';

comment on table polysink.backfills is
    'The progress of backfills after changes of columns: one row per sync with a backfill in progress.';
comment on column polysink.backfills.rows is 'The rows concerned, as in polysink.fields.unsettled.';
comment on column polysink.backfills.history is 'False during the current table, true during the history.';
comment on column polysink.backfills.after_key is 'The _key of the last row that was backfilled; null before the first.';

comment on function polysink.jsonb_error(text) is
    'Why jsonb refuses a text: PostgreSQL''s message and the SQLSTATE; null if it does not.';

comment on table polysink.catalogues is
    'One row per sync with fields in polysink.fields: the version of its catalogue, and records with fields beyond its limit.';
comment on column polysink.catalogues.version is 'Incremented when the sync''s rows in polysink.fields change. The service reads them again then.';
comment on column polysink.catalogues.uncatalogued_records is
    'How many records were projected with fields beyond the limit of 2,000, or with names of more than 1,000 bytes. Their values are in _unfit.';
comment on column polysink.catalogues.uncatalogued_field is 'The name of one of these fields, cut at 100 characters; null if there was none.';
comment on column polysink.catalogues.uncatalogued_at is 'When the latest delivery with one was received; null if there was none.';
