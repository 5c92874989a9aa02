comment on column polysink.fields.kinds is
    'How many values of each kind were seen: null, empty, boolean, integer, number, date, timestamp, local_timestamp, uuid, text, json.';
