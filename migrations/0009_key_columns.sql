alter table polysink.syncs add column key_columns text[];

comment on column polysink.syncs.key_columns is
    'How each field of the identity was read when the keys of the query tables were made: its column''s type, and how a pinned one reads strings. The tables are rebuilt when it changes. Null without an identity.';

-- Records that could not be projected: a pass skips those that a rebuild has quarantined.
create index rejections_unprojectable_idx on polysink.rejections (envelope_id)
    where scope = 'record' and reason in ('key_too_large', 'unprojectable') and settled_at is null;
