-- Notices: what a person is told of, and to whom it was sent.

create table polysink.notices (
    notice_id  uuid primary key,
    message_id uuid not null,
    kind       text not null,
    subject    text not null,
    sync_id    uuid,
    said       text not null,
    advice     text,
    noticed_at timestamptz not null,
    over_at    timestamptz
);

-- One thing has one open notice.
create unique index notices_open_idx on polysink.notices (kind, subject) where over_at is null;
create index notices_kind_subject_idx on polysink.notices (kind, subject);
create index notices_message_id_idx on polysink.notices (message_id);

comment on table polysink.notices is
    'One row per thing that a person is told of (POLYSINK_NOTIFY). Kept for 90 days after it is over. It holds names, types and counts, and no values of fields.';
comment on column polysink.notices.notice_id is 'UUID version 7, in order of time.';
comment on column polysink.notices.message_id is 'The message that tells of it. Everything that one look finds is one message.';
comment on column polysink.notices.kind is 'quiet, runs, schema, misfits or rejections. Those of the spool and of disks are not stored here.';
comment on column polysink.notices.subject is 'The thing within its kind: a sync, a run, a field, a reason, or a change of columns.';
comment on column polysink.notices.sync_id is 'The sync that it concerns; null for none.';
comment on column polysink.notices.said is 'The text.';
comment on column polysink.notices.advice is 'Advice; null for none.';
comment on column polysink.notices.noticed_at is 'When it was noticed.';
comment on column polysink.notices.over_at is
    'When it was over; from then on, the same counts as a new one. For a change of columns, when it was noticed.';


create table polysink.notice_messages (
    message_id uuid not null,
    sink       text not null,
    tries      integer not null default 0,
    try_at     timestamptz not null,
    sent_at    timestamptz,
    error      text,
    primary key (message_id, sink)
);

comment on table polysink.notice_messages is 'One row per message and sink of POLYSINK_NOTIFY.';
comment on column polysink.notice_messages.message_id is 'The message, as polysink.notices has it; the header webhook-id has the same.';
comment on column polysink.notice_messages.sink is 'The name of the sink in POLYSINK_NOTIFY.';
comment on column polysink.notice_messages.tries is 'How often it was tried in vain.';
comment on column polysink.notice_messages.try_at is 'When it is tried next.';
comment on column polysink.notice_messages.sent_at is 'When the sink took it; null until then.';
comment on column polysink.notice_messages.error is 'Why the last try failed.';
