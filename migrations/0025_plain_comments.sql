-- Comments in plain words. The migrations that made these objects keep their texts, because their checksums are stored.

comment on schema polysink is
    'Everything that polysink received from Polytomic: the raw log, the ledger of distinct records, and the quarantine. Written only by polysink.';
comment on column polysink.rejections.reason is 'The reason, as a word to filter by.';
comment on column polysink.rejections.detail is 'The reason, as a sentence; the first record''s if the row has many.';
comment on view polysink.unidentified is
    'The records that have no value, or null, in a field of their sync''s identity: they are in the ledger, and in no query table.';
comment on table polysink.replays is 'The replay in progress, or the interrupted one. At most one; `polysink replay` continues it.';
comment on column polysink.retention.removed_rejections is 'Resolved rejections that were ever removed.';
comment on table polysink.erasures is
    'When `polysink forget` erased entities, and how much, without the data. Deliveries that were received before an erasure and come from a spool after it lose the same records.';
comment on column polysink.erasures.reference is
    'The operator''s --reference, such as the number of the request; null without one.';
comment on column polysink.replay_counts.correction is
    'The difference between the count of the deliveries and that of the ledger at polysink.replays.counted_at, which is still to be added; negative if the ledger''s was too high. Null where the two are equal.';
comment on table polysink.split_versions is
    'Versions that a late delivery split. Only the first and the last sighting of a version are stored, so the sightings between are read from the raw log again; then the row is deleted.';
comment on column polysink.syncs.compare is
    'Which change makes a version of an entity: another hash, or other values, however they are written. See `polysink identity set --compare`.';
comment on table polysink.same_values is
    'For syncs that compare values: the first hash of each distinct set of values. The query tables have it in _hash for all records with these values.';
