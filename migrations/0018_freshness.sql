-- The times of a sync are written once a second now, not once a minute.

comment on table polysink.syncs is
    'One row per Polytomic sync that has delivered records. Written when it changes, and about once a second while deliveries come.';
comment on column polysink.syncs.last_received_at is 'When a delivery of this sync was last received, up to about a second behind.';
