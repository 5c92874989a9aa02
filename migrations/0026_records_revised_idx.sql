-- Finds the records that came with different fields, which are few or none, without a look at the others.

create index records_revised_idx on polysink.records (sync_id, hash) where revised;
