-- A delivery can bring a hundred thousand records that are unusable for one reason: they are one row.

alter table polysink.rejections add column positions integer[];

comment on column polysink.rejections.scope is
    'envelope: a whole body, answered 400. record: one record of a delivery that was otherwise stored, or many of it that are unusable for one reason.';
comment on column polysink.rejections.detail is 'What was wrong, as a sentence; where there are many records, of the first.';
comment on column polysink.rejections.position is 'Where in the payload the record stood, counted from 0; the first where there are many; null for a whole body.';
comment on column polysink.rejections.positions is 'Where each of them stood, where there are many; null for one record, and for a whole body.';
comment on column polysink.rejections.payload is
    'The bytes as they came: the record''s JSON, a JSON array of the records where there are many, or the body (decompressed where that worked).';
