--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: polysink; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA polysink;


--
-- Name: SCHEMA polysink; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA polysink IS 'Everything that polysink received from Polytomic: the raw log, the ledger of distinct records, and the quarantine. Written only by polysink.';


--
-- Name: synced; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA synced;


--
-- Name: SCHEMA synced; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA synced IS 'One table per Polytomic sync. Everything here can be rebuilt from schema polysink.';


--
-- Name: jsonb_error(text); Type: FUNCTION; Schema: polysink; Owner: -
--

CREATE FUNCTION polysink.jsonb_error(document text) RETURNS text
    LANGUAGE plpgsql
    AS $$
begin
    perform document::jsonb;
    return null;
exception when others then
    return format('%s (%s)', sqlerrm, sqlstate);
end
$$;


--
-- Name: FUNCTION jsonb_error(document text); Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON FUNCTION polysink.jsonb_error(document text) IS 'Why jsonb refuses a text: PostgreSQL''s message and the SQLSTATE; null if it does not.';


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: _sqlx_migrations; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);


--
-- Name: TABLE _sqlx_migrations; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink._sqlx_migrations IS 'The migrations of polysink that were applied to this database.';


--
-- Name: COLUMN _sqlx_migrations.version; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink._sqlx_migrations.version IS 'The number at the start of the migration''s file name.';


--
-- Name: COLUMN _sqlx_migrations.description; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink._sqlx_migrations.description IS 'The rest of the migration''s file name.';


--
-- Name: COLUMN _sqlx_migrations.installed_on; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink._sqlx_migrations.installed_on IS 'When it was applied.';


--
-- Name: COLUMN _sqlx_migrations.success; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink._sqlx_migrations.success IS 'Whether it succeeded.';


--
-- Name: COLUMN _sqlx_migrations.checksum; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink._sqlx_migrations.checksum IS 'SHA-384 of the migration''s text; a changed file is refused.';


--
-- Name: COLUMN _sqlx_migrations.execution_time; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink._sqlx_migrations.execution_time IS 'Nanoseconds it took.';


--
-- Name: adoptions; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.adoptions (
    adopted_id uuid NOT NULL,
    sync_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    rebuild boolean NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT adoptions_check CHECK ((sync_id <> adopted_id))
);


--
-- Name: TABLE adoptions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.adoptions IS 'Syncs that were made again in Polytomic and go on as an earlier one: what comes for their ids is stored under that of the earlier sync. The bodies in the raw log keep the id that was sent.';


--
-- Name: COLUMN adoptions.adopted_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.adoptions.adopted_id IS 'The id under which Polytomic sends.';


--
-- Name: COLUMN adoptions.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.adoptions.sync_id IS 'The id under which it is stored.';


--
-- Name: COLUMN adoptions.started_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.adoptions.started_at IS 'From when on.';


--
-- Name: COLUMN adoptions.rebuild; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.adoptions.rebuild IS 'Whether the query tables are rebuilt at the end, because some of the adopted records are only in the ledger.';


--
-- Name: COLUMN adoptions.finished_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.adoptions.finished_at IS 'When everything that was stored under the adopted id before had been moved; null while that is not done.';


--
-- Name: backfills; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.backfills (
    sync_id uuid NOT NULL,
    fields text[] NOT NULL,
    rows text NOT NULL,
    history boolean NOT NULL,
    after_key text COLLATE pg_catalog."C",
    after_sent_at timestamp with time zone,
    after_envelope_id uuid,
    after_position integer,
    CONSTRAINT backfills_rows_check CHECK ((rows = ANY (ARRAY['unfit'::text, 'recent'::text, 'all'::text, 'erase'::text])))
);


--
-- Name: TABLE backfills; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.backfills IS 'The progress of backfills after changes of columns: one row per sync with a backfill in progress.';


--
-- Name: COLUMN backfills.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.backfills.sync_id IS 'The sync.';


--
-- Name: COLUMN backfills.fields; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.backfills.fields IS 'The fields whose columns changed.';


--
-- Name: COLUMN backfills.rows; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.backfills.rows IS 'The rows concerned, as in polysink.fields.unsettled.';


--
-- Name: COLUMN backfills.history; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.backfills.history IS 'False during the current table, true during the history.';


--
-- Name: COLUMN backfills.after_key; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.backfills.after_key IS 'The _key of the last row that was backfilled; null before the first.';


--
-- Name: COLUMN backfills.after_sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.backfills.after_sent_at IS 'Its _sent_at.';


--
-- Name: COLUMN backfills.after_envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.backfills.after_envelope_id IS 'Its _envelope_id.';


--
-- Name: COLUMN backfills.after_position; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.backfills.after_position IS 'Its _position.';


--
-- Name: backlog; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.backlog (
    envelope_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    sync_id uuid NOT NULL,
    replayed boolean DEFAULT false NOT NULL,
    entered_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: TABLE backlog; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.backlog IS 'Deliveries that are not in the query tables yet. Added with the delivery, removed in the transaction that projects it.';


--
-- Name: COLUMN backlog.envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.backlog.envelope_id IS 'The delivery, in polysink.envelopes.';


--
-- Name: COLUMN backlog.received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.backlog.received_at IS 'When it was received: names its partition.';


--
-- Name: COLUMN backlog.sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.backlog.sent_at IS 'When it was sent; the oldest is projected first.';


--
-- Name: COLUMN backlog.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.backlog.sync_id IS 'The sync of the delivery.';


--
-- Name: COLUMN backlog.replayed; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.backlog.replayed IS 'True for a delivery that was projected before: its misfits have been counted.';


--
-- Name: COLUMN backlog.entered_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.backlog.entered_at IS 'Since when it has waited: gives the lag of the query tables.';


--
-- Name: catalogues; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.catalogues (
    sync_id uuid NOT NULL,
    version bigint NOT NULL,
    uncatalogued_records bigint DEFAULT 0 NOT NULL,
    uncatalogued_field text,
    uncatalogued_at timestamp with time zone
);


--
-- Name: TABLE catalogues; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.catalogues IS 'One row per sync with fields in polysink.fields: the version of its catalogue, and records with fields beyond its limit.';


--
-- Name: COLUMN catalogues.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.catalogues.sync_id IS 'The sync.';


--
-- Name: COLUMN catalogues.version; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.catalogues.version IS 'Incremented when the sync''s rows in polysink.fields change. The service reads them again then.';


--
-- Name: COLUMN catalogues.uncatalogued_records; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.catalogues.uncatalogued_records IS 'How many records were projected with fields beyond the limit of 2,000, or with names of more than 1,000 bytes. Their values are in _unfit.';


--
-- Name: COLUMN catalogues.uncatalogued_field; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.catalogues.uncatalogued_field IS 'The name of one of these fields, cut at 100 characters; null if there was none.';


--
-- Name: COLUMN catalogues.uncatalogued_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.catalogues.uncatalogued_at IS 'When the latest delivery with one was received; null if there was none.';


--
-- Name: deletions; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.deletions (
    sync_id uuid NOT NULL,
    execution_id text NOT NULL COLLATE pg_catalog."C",
    started_at timestamp with time zone NOT NULL,
    completed_at timestamp with time zone NOT NULL,
    rows bigint NOT NULL,
    state text NOT NULL,
    reason text,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT deletions_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'applied'::text, 'undone'::text])))
);


--
-- Name: TABLE deletions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.deletions IS 'One row per whole full run of a sync with `polysink deletes on`: how many rows it did not send. Which rows that are follows from their times.';


--
-- Name: COLUMN deletions.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.deletions.sync_id IS 'The sync that ran.';


--
-- Name: COLUMN deletions.execution_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.deletions.execution_id IS 'Polytomic''s id of the run.';


--
-- Name: COLUMN deletions.started_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.deletions.started_at IS 'The second in which it began: rows that were last sent before it are those.';


--
-- Name: COLUMN deletions.completed_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.deletions.completed_at IS 'When it ended: the rows'' _deleted_at, and the end of their versions.';


--
-- Name: COLUMN deletions.rows; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.deletions.rows IS 'How many rows it did not send that were not deleted before.';


--
-- Name: COLUMN deletions.state; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.deletions.state IS 'waiting for an operator to apply it; applied; undone by an operator.';


--
-- Name: COLUMN deletions.reason; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.deletions.reason IS 'Why it waits; null if it does not.';


--
-- Name: COLUMN deletions.changed_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.deletions.changed_at IS 'When it got this state.';


--
-- Name: envelopes; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.envelopes (
    envelope_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    connection text NOT NULL,
    event text NOT NULL,
    sync_id uuid,
    metadata jsonb,
    record_count integer NOT NULL,
    source_ip inet,
    user_agent text,
    outcome text NOT NULL,
    body text NOT NULL,
    erased_positions integer[],
    CONSTRAINT envelopes_outcome_check CHECK ((outcome = ANY (ARRAY['stored'::text, 'ignored'::text])))
)
PARTITION BY RANGE (received_at);
ALTER TABLE ONLY polysink.envelopes ALTER COLUMN body SET COMPRESSION lz4;


--
-- Name: TABLE envelopes; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.envelopes IS 'The raw log: every delivery as received. One partition per UTC day of received_at, named polysink.envelopes_YYYYMMDD, so that retention can drop whole days.';


--
-- Name: COLUMN envelopes.envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes.envelope_id IS 'UUID version 7, made at receipt; it is in the answer that Polytomic shows in its sync history.';


--
-- Name: COLUMN envelopes.received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes.received_at IS 'When the delivery was received, by the service''s clock. The partition key.';


--
-- Name: COLUMN envelopes.sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes.sent_at IS 'The Polytomic-Signature-Timestamp header; received_at if there was none.';


--
-- Name: COLUMN envelopes.connection; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes.connection IS 'The name of the secret that authenticated the delivery.';


--
-- Name: COLUMN envelopes.event; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes.event IS 'The event''s name: sync.records, or one that polysink does not know.';


--
-- Name: COLUMN envelopes.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes.sync_id IS 'The sync; null for an unknown event without one.';


--
-- Name: COLUMN envelopes.metadata; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes.metadata IS 'The metadata of the delivery. JSON null is SQL null.';


--
-- Name: COLUMN envelopes.record_count; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes.record_count IS 'The number of records in the body, duplicates and rejected ones included.';


--
-- Name: COLUMN envelopes.source_ip; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes.source_ip IS 'The client''s address, also behind a trusted proxy.';


--
-- Name: COLUMN envelopes.user_agent; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes.user_agent IS 'The User-Agent header.';


--
-- Name: COLUMN envelopes.outcome; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes.outcome IS 'stored: its records are in polysink.records or polysink.rejections. ignored: an unknown event; only this row is kept.';


--
-- Name: COLUMN envelopes.body; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes.body IS 'The JSON exactly as received, decompressed, without the records that `polysink forget` has cut out. Text, because jsonb refuses some valid JSON.';


--
-- Name: COLUMN envelopes.erased_positions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes.erased_positions IS 'Where the records stood that `polysink forget` has cut out of the body, counted from 0; null if it has none. The others keep their positions.';


--
-- Name: envelopes_20261130; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.envelopes_20261130 (
    envelope_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    connection text NOT NULL,
    event text NOT NULL,
    sync_id uuid,
    metadata jsonb,
    record_count integer NOT NULL,
    source_ip inet,
    user_agent text,
    outcome text NOT NULL,
    body text NOT NULL,
    erased_positions integer[],
    CONSTRAINT envelopes_outcome_check CHECK ((outcome = ANY (ARRAY['stored'::text, 'ignored'::text])))
);
ALTER TABLE ONLY polysink.envelopes_20261130 ALTER COLUMN body SET COMPRESSION lz4;


--
-- Name: TABLE envelopes_20261130; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.envelopes_20261130 IS 'The envelopes received on 2026-11-30, UTC.';


--
-- Name: COLUMN envelopes_20261130.envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261130.envelope_id IS 'UUID version 7, made at receipt; it is in the answer that Polytomic shows in its sync history.';


--
-- Name: COLUMN envelopes_20261130.received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261130.received_at IS 'When the delivery was received, by the service''s clock. The partition key.';


--
-- Name: COLUMN envelopes_20261130.sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261130.sent_at IS 'The Polytomic-Signature-Timestamp header; received_at if there was none.';


--
-- Name: COLUMN envelopes_20261130.connection; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261130.connection IS 'The name of the secret that authenticated the delivery.';


--
-- Name: COLUMN envelopes_20261130.event; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261130.event IS 'The event''s name: sync.records, or one that polysink does not know.';


--
-- Name: COLUMN envelopes_20261130.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261130.sync_id IS 'The sync; null for an unknown event without one.';


--
-- Name: COLUMN envelopes_20261130.metadata; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261130.metadata IS 'The metadata of the delivery. JSON null is SQL null.';


--
-- Name: COLUMN envelopes_20261130.record_count; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261130.record_count IS 'The number of records in the body, duplicates and rejected ones included.';


--
-- Name: COLUMN envelopes_20261130.source_ip; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261130.source_ip IS 'The client''s address, also behind a trusted proxy.';


--
-- Name: COLUMN envelopes_20261130.user_agent; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261130.user_agent IS 'The User-Agent header.';


--
-- Name: COLUMN envelopes_20261130.outcome; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261130.outcome IS 'stored: its records are in polysink.records or polysink.rejections. ignored: an unknown event; only this row is kept.';


--
-- Name: COLUMN envelopes_20261130.body; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261130.body IS 'The JSON exactly as received, decompressed, without the records that `polysink forget` has cut out. Text, because jsonb refuses some valid JSON.';


--
-- Name: COLUMN envelopes_20261130.erased_positions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261130.erased_positions IS 'Where the records stood that `polysink forget` has cut out of the body, counted from 0; null if it has none. The others keep their positions.';


--
-- Name: envelopes_20261201; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.envelopes_20261201 (
    envelope_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    connection text NOT NULL,
    event text NOT NULL,
    sync_id uuid,
    metadata jsonb,
    record_count integer NOT NULL,
    source_ip inet,
    user_agent text,
    outcome text NOT NULL,
    body text NOT NULL,
    erased_positions integer[],
    CONSTRAINT envelopes_outcome_check CHECK ((outcome = ANY (ARRAY['stored'::text, 'ignored'::text])))
);
ALTER TABLE ONLY polysink.envelopes_20261201 ALTER COLUMN body SET COMPRESSION lz4;


--
-- Name: TABLE envelopes_20261201; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.envelopes_20261201 IS 'The envelopes received on 2026-12-01, UTC.';


--
-- Name: COLUMN envelopes_20261201.envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261201.envelope_id IS 'UUID version 7, made at receipt; it is in the answer that Polytomic shows in its sync history.';


--
-- Name: COLUMN envelopes_20261201.received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261201.received_at IS 'When the delivery was received, by the service''s clock. The partition key.';


--
-- Name: COLUMN envelopes_20261201.sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261201.sent_at IS 'The Polytomic-Signature-Timestamp header; received_at if there was none.';


--
-- Name: COLUMN envelopes_20261201.connection; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261201.connection IS 'The name of the secret that authenticated the delivery.';


--
-- Name: COLUMN envelopes_20261201.event; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261201.event IS 'The event''s name: sync.records, or one that polysink does not know.';


--
-- Name: COLUMN envelopes_20261201.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261201.sync_id IS 'The sync; null for an unknown event without one.';


--
-- Name: COLUMN envelopes_20261201.metadata; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261201.metadata IS 'The metadata of the delivery. JSON null is SQL null.';


--
-- Name: COLUMN envelopes_20261201.record_count; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261201.record_count IS 'The number of records in the body, duplicates and rejected ones included.';


--
-- Name: COLUMN envelopes_20261201.source_ip; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261201.source_ip IS 'The client''s address, also behind a trusted proxy.';


--
-- Name: COLUMN envelopes_20261201.user_agent; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261201.user_agent IS 'The User-Agent header.';


--
-- Name: COLUMN envelopes_20261201.outcome; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261201.outcome IS 'stored: its records are in polysink.records or polysink.rejections. ignored: an unknown event; only this row is kept.';


--
-- Name: COLUMN envelopes_20261201.body; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261201.body IS 'The JSON exactly as received, decompressed, without the records that `polysink forget` has cut out. Text, because jsonb refuses some valid JSON.';


--
-- Name: COLUMN envelopes_20261201.erased_positions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261201.erased_positions IS 'Where the records stood that `polysink forget` has cut out of the body, counted from 0; null if it has none. The others keep their positions.';


--
-- Name: envelopes_20261202; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.envelopes_20261202 (
    envelope_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    connection text NOT NULL,
    event text NOT NULL,
    sync_id uuid,
    metadata jsonb,
    record_count integer NOT NULL,
    source_ip inet,
    user_agent text,
    outcome text NOT NULL,
    body text NOT NULL,
    erased_positions integer[],
    CONSTRAINT envelopes_outcome_check CHECK ((outcome = ANY (ARRAY['stored'::text, 'ignored'::text])))
);
ALTER TABLE ONLY polysink.envelopes_20261202 ALTER COLUMN body SET COMPRESSION lz4;


--
-- Name: TABLE envelopes_20261202; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.envelopes_20261202 IS 'The envelopes received on 2026-12-02, UTC.';


--
-- Name: COLUMN envelopes_20261202.envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261202.envelope_id IS 'UUID version 7, made at receipt; it is in the answer that Polytomic shows in its sync history.';


--
-- Name: COLUMN envelopes_20261202.received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261202.received_at IS 'When the delivery was received, by the service''s clock. The partition key.';


--
-- Name: COLUMN envelopes_20261202.sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261202.sent_at IS 'The Polytomic-Signature-Timestamp header; received_at if there was none.';


--
-- Name: COLUMN envelopes_20261202.connection; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261202.connection IS 'The name of the secret that authenticated the delivery.';


--
-- Name: COLUMN envelopes_20261202.event; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261202.event IS 'The event''s name: sync.records, or one that polysink does not know.';


--
-- Name: COLUMN envelopes_20261202.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261202.sync_id IS 'The sync; null for an unknown event without one.';


--
-- Name: COLUMN envelopes_20261202.metadata; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261202.metadata IS 'The metadata of the delivery. JSON null is SQL null.';


--
-- Name: COLUMN envelopes_20261202.record_count; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261202.record_count IS 'The number of records in the body, duplicates and rejected ones included.';


--
-- Name: COLUMN envelopes_20261202.source_ip; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261202.source_ip IS 'The client''s address, also behind a trusted proxy.';


--
-- Name: COLUMN envelopes_20261202.user_agent; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261202.user_agent IS 'The User-Agent header.';


--
-- Name: COLUMN envelopes_20261202.outcome; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261202.outcome IS 'stored: its records are in polysink.records or polysink.rejections. ignored: an unknown event; only this row is kept.';


--
-- Name: COLUMN envelopes_20261202.body; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261202.body IS 'The JSON exactly as received, decompressed, without the records that `polysink forget` has cut out. Text, because jsonb refuses some valid JSON.';


--
-- Name: COLUMN envelopes_20261202.erased_positions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261202.erased_positions IS 'Where the records stood that `polysink forget` has cut out of the body, counted from 0; null if it has none. The others keep their positions.';


--
-- Name: envelopes_20261203; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.envelopes_20261203 (
    envelope_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    connection text NOT NULL,
    event text NOT NULL,
    sync_id uuid,
    metadata jsonb,
    record_count integer NOT NULL,
    source_ip inet,
    user_agent text,
    outcome text NOT NULL,
    body text NOT NULL,
    erased_positions integer[],
    CONSTRAINT envelopes_outcome_check CHECK ((outcome = ANY (ARRAY['stored'::text, 'ignored'::text])))
);
ALTER TABLE ONLY polysink.envelopes_20261203 ALTER COLUMN body SET COMPRESSION lz4;


--
-- Name: TABLE envelopes_20261203; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.envelopes_20261203 IS 'The envelopes received on 2026-12-03, UTC.';


--
-- Name: COLUMN envelopes_20261203.envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261203.envelope_id IS 'UUID version 7, made at receipt; it is in the answer that Polytomic shows in its sync history.';


--
-- Name: COLUMN envelopes_20261203.received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261203.received_at IS 'When the delivery was received, by the service''s clock. The partition key.';


--
-- Name: COLUMN envelopes_20261203.sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261203.sent_at IS 'The Polytomic-Signature-Timestamp header; received_at if there was none.';


--
-- Name: COLUMN envelopes_20261203.connection; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261203.connection IS 'The name of the secret that authenticated the delivery.';


--
-- Name: COLUMN envelopes_20261203.event; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261203.event IS 'The event''s name: sync.records, or one that polysink does not know.';


--
-- Name: COLUMN envelopes_20261203.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261203.sync_id IS 'The sync; null for an unknown event without one.';


--
-- Name: COLUMN envelopes_20261203.metadata; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261203.metadata IS 'The metadata of the delivery. JSON null is SQL null.';


--
-- Name: COLUMN envelopes_20261203.record_count; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261203.record_count IS 'The number of records in the body, duplicates and rejected ones included.';


--
-- Name: COLUMN envelopes_20261203.source_ip; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261203.source_ip IS 'The client''s address, also behind a trusted proxy.';


--
-- Name: COLUMN envelopes_20261203.user_agent; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261203.user_agent IS 'The User-Agent header.';


--
-- Name: COLUMN envelopes_20261203.outcome; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261203.outcome IS 'stored: its records are in polysink.records or polysink.rejections. ignored: an unknown event; only this row is kept.';


--
-- Name: COLUMN envelopes_20261203.body; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261203.body IS 'The JSON exactly as received, decompressed, without the records that `polysink forget` has cut out. Text, because jsonb refuses some valid JSON.';


--
-- Name: COLUMN envelopes_20261203.erased_positions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261203.erased_positions IS 'Where the records stood that `polysink forget` has cut out of the body, counted from 0; null if it has none. The others keep their positions.';


--
-- Name: envelopes_20261204; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.envelopes_20261204 (
    envelope_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    connection text NOT NULL,
    event text NOT NULL,
    sync_id uuid,
    metadata jsonb,
    record_count integer NOT NULL,
    source_ip inet,
    user_agent text,
    outcome text NOT NULL,
    body text NOT NULL,
    erased_positions integer[],
    CONSTRAINT envelopes_outcome_check CHECK ((outcome = ANY (ARRAY['stored'::text, 'ignored'::text])))
);
ALTER TABLE ONLY polysink.envelopes_20261204 ALTER COLUMN body SET COMPRESSION lz4;


--
-- Name: TABLE envelopes_20261204; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.envelopes_20261204 IS 'The envelopes received on 2026-12-04, UTC.';


--
-- Name: COLUMN envelopes_20261204.envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261204.envelope_id IS 'UUID version 7, made at receipt; it is in the answer that Polytomic shows in its sync history.';


--
-- Name: COLUMN envelopes_20261204.received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261204.received_at IS 'When the delivery was received, by the service''s clock. The partition key.';


--
-- Name: COLUMN envelopes_20261204.sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261204.sent_at IS 'The Polytomic-Signature-Timestamp header; received_at if there was none.';


--
-- Name: COLUMN envelopes_20261204.connection; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261204.connection IS 'The name of the secret that authenticated the delivery.';


--
-- Name: COLUMN envelopes_20261204.event; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261204.event IS 'The event''s name: sync.records, or one that polysink does not know.';


--
-- Name: COLUMN envelopes_20261204.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261204.sync_id IS 'The sync; null for an unknown event without one.';


--
-- Name: COLUMN envelopes_20261204.metadata; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261204.metadata IS 'The metadata of the delivery. JSON null is SQL null.';


--
-- Name: COLUMN envelopes_20261204.record_count; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261204.record_count IS 'The number of records in the body, duplicates and rejected ones included.';


--
-- Name: COLUMN envelopes_20261204.source_ip; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261204.source_ip IS 'The client''s address, also behind a trusted proxy.';


--
-- Name: COLUMN envelopes_20261204.user_agent; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261204.user_agent IS 'The User-Agent header.';


--
-- Name: COLUMN envelopes_20261204.outcome; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261204.outcome IS 'stored: its records are in polysink.records or polysink.rejections. ignored: an unknown event; only this row is kept.';


--
-- Name: COLUMN envelopes_20261204.body; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261204.body IS 'The JSON exactly as received, decompressed, without the records that `polysink forget` has cut out. Text, because jsonb refuses some valid JSON.';


--
-- Name: COLUMN envelopes_20261204.erased_positions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261204.erased_positions IS 'Where the records stood that `polysink forget` has cut out of the body, counted from 0; null if it has none. The others keep their positions.';


--
-- Name: envelopes_20261205; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.envelopes_20261205 (
    envelope_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    connection text NOT NULL,
    event text NOT NULL,
    sync_id uuid,
    metadata jsonb,
    record_count integer NOT NULL,
    source_ip inet,
    user_agent text,
    outcome text NOT NULL,
    body text NOT NULL,
    erased_positions integer[],
    CONSTRAINT envelopes_outcome_check CHECK ((outcome = ANY (ARRAY['stored'::text, 'ignored'::text])))
);
ALTER TABLE ONLY polysink.envelopes_20261205 ALTER COLUMN body SET COMPRESSION lz4;


--
-- Name: TABLE envelopes_20261205; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.envelopes_20261205 IS 'The envelopes received on 2026-12-05, UTC.';


--
-- Name: COLUMN envelopes_20261205.envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261205.envelope_id IS 'UUID version 7, made at receipt; it is in the answer that Polytomic shows in its sync history.';


--
-- Name: COLUMN envelopes_20261205.received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261205.received_at IS 'When the delivery was received, by the service''s clock. The partition key.';


--
-- Name: COLUMN envelopes_20261205.sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261205.sent_at IS 'The Polytomic-Signature-Timestamp header; received_at if there was none.';


--
-- Name: COLUMN envelopes_20261205.connection; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261205.connection IS 'The name of the secret that authenticated the delivery.';


--
-- Name: COLUMN envelopes_20261205.event; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261205.event IS 'The event''s name: sync.records, or one that polysink does not know.';


--
-- Name: COLUMN envelopes_20261205.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261205.sync_id IS 'The sync; null for an unknown event without one.';


--
-- Name: COLUMN envelopes_20261205.metadata; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261205.metadata IS 'The metadata of the delivery. JSON null is SQL null.';


--
-- Name: COLUMN envelopes_20261205.record_count; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261205.record_count IS 'The number of records in the body, duplicates and rejected ones included.';


--
-- Name: COLUMN envelopes_20261205.source_ip; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261205.source_ip IS 'The client''s address, also behind a trusted proxy.';


--
-- Name: COLUMN envelopes_20261205.user_agent; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261205.user_agent IS 'The User-Agent header.';


--
-- Name: COLUMN envelopes_20261205.outcome; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261205.outcome IS 'stored: its records are in polysink.records or polysink.rejections. ignored: an unknown event; only this row is kept.';


--
-- Name: COLUMN envelopes_20261205.body; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261205.body IS 'The JSON exactly as received, decompressed, without the records that `polysink forget` has cut out. Text, because jsonb refuses some valid JSON.';


--
-- Name: COLUMN envelopes_20261205.erased_positions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261205.erased_positions IS 'Where the records stood that `polysink forget` has cut out of the body, counted from 0; null if it has none. The others keep their positions.';


--
-- Name: envelopes_20261206; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.envelopes_20261206 (
    envelope_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    connection text NOT NULL,
    event text NOT NULL,
    sync_id uuid,
    metadata jsonb,
    record_count integer NOT NULL,
    source_ip inet,
    user_agent text,
    outcome text NOT NULL,
    body text NOT NULL,
    erased_positions integer[],
    CONSTRAINT envelopes_outcome_check CHECK ((outcome = ANY (ARRAY['stored'::text, 'ignored'::text])))
);
ALTER TABLE ONLY polysink.envelopes_20261206 ALTER COLUMN body SET COMPRESSION lz4;


--
-- Name: TABLE envelopes_20261206; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.envelopes_20261206 IS 'The envelopes received on 2026-12-06, UTC.';


--
-- Name: COLUMN envelopes_20261206.envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261206.envelope_id IS 'UUID version 7, made at receipt; it is in the answer that Polytomic shows in its sync history.';


--
-- Name: COLUMN envelopes_20261206.received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261206.received_at IS 'When the delivery was received, by the service''s clock. The partition key.';


--
-- Name: COLUMN envelopes_20261206.sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261206.sent_at IS 'The Polytomic-Signature-Timestamp header; received_at if there was none.';


--
-- Name: COLUMN envelopes_20261206.connection; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261206.connection IS 'The name of the secret that authenticated the delivery.';


--
-- Name: COLUMN envelopes_20261206.event; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261206.event IS 'The event''s name: sync.records, or one that polysink does not know.';


--
-- Name: COLUMN envelopes_20261206.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261206.sync_id IS 'The sync; null for an unknown event without one.';


--
-- Name: COLUMN envelopes_20261206.metadata; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261206.metadata IS 'The metadata of the delivery. JSON null is SQL null.';


--
-- Name: COLUMN envelopes_20261206.record_count; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261206.record_count IS 'The number of records in the body, duplicates and rejected ones included.';


--
-- Name: COLUMN envelopes_20261206.source_ip; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261206.source_ip IS 'The client''s address, also behind a trusted proxy.';


--
-- Name: COLUMN envelopes_20261206.user_agent; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261206.user_agent IS 'The User-Agent header.';


--
-- Name: COLUMN envelopes_20261206.outcome; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261206.outcome IS 'stored: its records are in polysink.records or polysink.rejections. ignored: an unknown event; only this row is kept.';


--
-- Name: COLUMN envelopes_20261206.body; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261206.body IS 'The JSON exactly as received, decompressed, without the records that `polysink forget` has cut out. Text, because jsonb refuses some valid JSON.';


--
-- Name: COLUMN envelopes_20261206.erased_positions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261206.erased_positions IS 'Where the records stood that `polysink forget` has cut out of the body, counted from 0; null if it has none. The others keep their positions.';


--
-- Name: envelopes_20261207; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.envelopes_20261207 (
    envelope_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    connection text NOT NULL,
    event text NOT NULL,
    sync_id uuid,
    metadata jsonb,
    record_count integer NOT NULL,
    source_ip inet,
    user_agent text,
    outcome text NOT NULL,
    body text NOT NULL,
    erased_positions integer[],
    CONSTRAINT envelopes_outcome_check CHECK ((outcome = ANY (ARRAY['stored'::text, 'ignored'::text])))
);
ALTER TABLE ONLY polysink.envelopes_20261207 ALTER COLUMN body SET COMPRESSION lz4;


--
-- Name: TABLE envelopes_20261207; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.envelopes_20261207 IS 'The envelopes received on 2026-12-07, UTC.';


--
-- Name: COLUMN envelopes_20261207.envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261207.envelope_id IS 'UUID version 7, made at receipt; it is in the answer that Polytomic shows in its sync history.';


--
-- Name: COLUMN envelopes_20261207.received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261207.received_at IS 'When the delivery was received, by the service''s clock. The partition key.';


--
-- Name: COLUMN envelopes_20261207.sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261207.sent_at IS 'The Polytomic-Signature-Timestamp header; received_at if there was none.';


--
-- Name: COLUMN envelopes_20261207.connection; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261207.connection IS 'The name of the secret that authenticated the delivery.';


--
-- Name: COLUMN envelopes_20261207.event; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261207.event IS 'The event''s name: sync.records, or one that polysink does not know.';


--
-- Name: COLUMN envelopes_20261207.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261207.sync_id IS 'The sync; null for an unknown event without one.';


--
-- Name: COLUMN envelopes_20261207.metadata; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261207.metadata IS 'The metadata of the delivery. JSON null is SQL null.';


--
-- Name: COLUMN envelopes_20261207.record_count; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261207.record_count IS 'The number of records in the body, duplicates and rejected ones included.';


--
-- Name: COLUMN envelopes_20261207.source_ip; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261207.source_ip IS 'The client''s address, also behind a trusted proxy.';


--
-- Name: COLUMN envelopes_20261207.user_agent; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261207.user_agent IS 'The User-Agent header.';


--
-- Name: COLUMN envelopes_20261207.outcome; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261207.outcome IS 'stored: its records are in polysink.records or polysink.rejections. ignored: an unknown event; only this row is kept.';


--
-- Name: COLUMN envelopes_20261207.body; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261207.body IS 'The JSON exactly as received, decompressed, without the records that `polysink forget` has cut out. Text, because jsonb refuses some valid JSON.';


--
-- Name: COLUMN envelopes_20261207.erased_positions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.envelopes_20261207.erased_positions IS 'Where the records stood that `polysink forget` has cut out of the body, counted from 0; null if it has none. The others keep their positions.';


--
-- Name: erasures; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.erasures (
    erasure_id uuid NOT NULL,
    sync_id uuid NOT NULL,
    reference text,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    identity text[],
    key_columns text[],
    key_digests bytea[] NOT NULL,
    rows bigint DEFAULT 0 NOT NULL,
    versions bigint DEFAULT 0 NOT NULL,
    records bigint DEFAULT 0 NOT NULL,
    deliveries bigint DEFAULT 0 NOT NULL,
    sightings bigint DEFAULT 0 NOT NULL,
    rejections bigint DEFAULT 0 NOT NULL,
    spooled bigint DEFAULT 0 NOT NULL
);


--
-- Name: TABLE erasures; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.erasures IS 'When `polysink forget` erased entities, and how much, without the data. Deliveries that were received before an erasure and come from a spool after it lose the same records.';


--
-- Name: COLUMN erasures.erasure_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.erasure_id IS 'UUID version 7, made at its start.';


--
-- Name: COLUMN erasures.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.sync_id IS 'The sync of the entities.';


--
-- Name: COLUMN erasures.reference; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.reference IS 'The operator''s --reference, such as the number of the request; null without one.';


--
-- Name: COLUMN erasures.started_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.started_at IS 'When it was started. Deliveries received later are not concerned.';


--
-- Name: COLUMN erasures.finished_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.finished_at IS 'When it ended; null while it runs, or if it was interrupted and has to be run again.';


--
-- Name: COLUMN erasures.identity; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.identity IS 'The identity of the sync at that time; null if it had none, and records were erased by their hashes.';


--
-- Name: COLUMN erasures.key_columns; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.key_columns IS 'How the fields of the identity were read, as in polysink.syncs.';


--
-- Name: COLUMN erasures.key_digests; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.key_digests IS 'For each entity SHA-256 of the 16 bytes of erasure_id followed by the _key: says of a known key whether it was erased.';


--
-- Name: COLUMN erasures.rows; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.rows IS 'Rows deleted from the query table.';


--
-- Name: COLUMN erasures.versions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.versions IS 'Versions deleted from its history.';


--
-- Name: COLUMN erasures.records; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.records IS 'Records deleted from the ledger.';


--
-- Name: COLUMN erasures.deliveries; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.deliveries IS 'Deliveries of the raw log that records were cut out of.';


--
-- Name: COLUMN erasures.sightings; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.sightings IS 'Records that were cut out of them.';


--
-- Name: COLUMN erasures.rejections; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.rejections IS 'Rejections that were deleted, or that records were cut out of.';


--
-- Name: COLUMN erasures.spooled; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.erasures.spooled IS 'Records that were cut out of spooled deliveries, before these were stored.';


--
-- Name: events; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.events (
    event_id text NOT NULL COLLATE pg_catalog."C",
    received_at timestamp with time zone NOT NULL,
    type text NOT NULL,
    sync_id uuid,
    execution_id text,
    body text NOT NULL
);


--
-- Name: TABLE events; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.events IS 'The signed events that Polytomic''s organization webhook has posted, for POLYSINK_RETENTION. Empty without POLYSINK_EVENTS_SECRET. An event proves nothing: it is a reason to ask the API.';


--
-- Name: COLUMN events.event_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.events.event_id IS 'Its id; where it has none, the SHA-256 of its body after sha256:.';


--
-- Name: COLUMN events.received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.events.received_at IS 'When it was first received, by the service''s clock.';


--
-- Name: COLUMN events.type; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.events.type IS 'Its type, such as sync.completed. Types that polysink does not know are kept too.';


--
-- Name: COLUMN events.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.events.sync_id IS 'The sync that it is about, by Polytomic''s id; null if it is about none.';


--
-- Name: COLUMN events.execution_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.events.execution_id IS 'The run that it is about.';


--
-- Name: COLUMN events.body; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.events.body IS 'The JSON as it came. It can have messages of errors, and links to logs that are valid for a short time.';


--
-- Name: fields; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.fields (
    sync_id uuid NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    column_name text NOT NULL COLLATE pg_catalog."C",
    column_type text,
    wanted_type text NOT NULL,
    pinned boolean NOT NULL,
    hidden boolean NOT NULL,
    blocked text,
    unsettled text,
    kinds jsonb NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    ordinal integer NOT NULL,
    format text,
    misfits bigint DEFAULT 0 NOT NULL,
    misfit_since timestamp with time zone,
    CONSTRAINT fields_unsettled_check CHECK ((unsettled = ANY (ARRAY['unfit'::text, 'recent'::text, 'all'::text, 'erase'::text])))
)
WITH (fillfactor='50');


--
-- Name: TABLE fields; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.fields IS 'The catalogue: the column and type of each field of a sync. `polysink column` changes it.';


--
-- Name: COLUMN fields.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.sync_id IS 'The sync.';


--
-- Name: COLUMN fields.name; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.name IS 'The field''s name, as in polysink.records.fields.';


--
-- Name: COLUMN fields.column_name; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.column_name IS 'The name of its column. Chosen when the field first appeared; only an operator changes it.';


--
-- Name: COLUMN fields.column_type; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.column_type IS 'The column''s type; null if there is no column, and the field''s values are in _unfit.';


--
-- Name: COLUMN fields.wanted_type; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.wanted_type IS 'The type that the column should have: learned from the first 1,000 values that are not null, or set by an operator.';


--
-- Name: COLUMN fields.pinned; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.pinned IS 'True if an operator set the type; new values do not change it.';


--
-- Name: COLUMN fields.hidden; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.hidden IS 'True if an operator left the field out of the query tables.';


--
-- Name: COLUMN fields.blocked; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.blocked IS 'Why the column does not have the type that it should have, if that takes an operator; null otherwise.';


--
-- Name: COLUMN fields.unsettled; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.unsettled IS 'The rows that need a backfill of the field: unfit, those with the field in _unfit; recent, those and the rows that were received since it was first seen; all; erase, all, to erase the values of a hidden field; null if none do.';


--
-- Name: COLUMN fields.kinds; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.kinds IS 'How many values of each kind were seen: null, empty, boolean, integer, number, date, timestamp, local_timestamp, uuid, text, json.';


--
-- Name: COLUMN fields.first_seen_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.first_seen_at IS 'When the first delivery with the field was received.';


--
-- Name: COLUMN fields.last_seen_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.last_seen_at IS 'When the latest delivery with the field was received.';


--
-- Name: COLUMN fields.ordinal; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.ordinal IS 'The field''s place in the sync, in order of first appearance, counted from 0.';


--
-- Name: COLUMN fields.format; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.format IS 'How dates and times of a pinned column are written: us, rfc2822, epoch, epoch-ms or a strftime pattern; null for ISO 8601.';


--
-- Name: COLUMN fields.misfits; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.misfits IS 'How many values did not fit the column since it got its type; they are null there and in _unfit. Values of repeated deliveries count again.';


--
-- Name: COLUMN fields.misfit_since; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.fields.misfit_since IS 'When the first of them was received; null if there were none.';


--
-- Name: heads; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.heads (
    envelope_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    connection text NOT NULL,
    event text NOT NULL,
    sync_id uuid,
    record_count integer NOT NULL,
    source_ip inet,
    user_agent text,
    outcome text NOT NULL
)
PARTITION BY RANGE (received_at);


--
-- Name: TABLE heads; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.heads IS 'The heads of the deliveries that the retention has removed from polysink.envelopes, for POLYSINK_RETENTION_HEADERS. One partition per UTC day of received_at, named polysink.heads_YYYYMMDD.';


--
-- Name: COLUMN heads.envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.heads.envelope_id IS 'As in polysink.envelopes.';


--
-- Name: COLUMN heads.received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.heads.received_at IS 'When the delivery was received. The partition key.';


--
-- Name: COLUMN heads.sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.heads.sent_at IS 'The Polytomic-Signature-Timestamp header; received_at where there was none.';


--
-- Name: COLUMN heads.connection; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.heads.connection IS 'The name of the secret that the delivery was authenticated with.';


--
-- Name: COLUMN heads.event; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.heads.event IS 'The event''s name.';


--
-- Name: COLUMN heads.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.heads.sync_id IS 'The sync that it belonged to then: another one than now, if it has been adopted since.';


--
-- Name: COLUMN heads.record_count; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.heads.record_count IS 'How many records the payload held, before folding and quarantine, with those that were erased later.';


--
-- Name: COLUMN heads.source_ip; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.heads.source_ip IS 'The address that it came from; behind a trusted proxy, the client''s.';


--
-- Name: COLUMN heads.user_agent; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.heads.user_agent IS 'The User-Agent header.';


--
-- Name: COLUMN heads.outcome; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.heads.outcome IS 'stored or ignored.';


--
-- Name: installation; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.installation (
    only_row boolean DEFAULT true NOT NULL,
    installation_id uuid DEFAULT gen_random_uuid() NOT NULL,
    CONSTRAINT installation_only_row_check CHECK (only_row)
);


--
-- Name: TABLE installation; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.installation IS 'One row: which database this is. A copy of the database has the same id; give it another with `update polysink.installation set installation_id = gen_random_uuid()`.';


--
-- Name: COLUMN installation.only_row; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.installation.only_row IS 'True: the table has one row.';


--
-- Name: COLUMN installation.installation_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.installation.installation_id IS 'Kept by every spool whose deliveries are for this database.';


--
-- Name: runs; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.runs (
    sync_id uuid NOT NULL,
    source_id uuid NOT NULL,
    execution_id text NOT NULL COLLATE pg_catalog."C",
    type text,
    status text NOT NULL,
    created_at timestamp with time zone,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    counts jsonb NOT NULL,
    errors text[] NOT NULL,
    full_run boolean,
    expected bigint,
    expected_basis text[],
    received_min bigint,
    received_max bigint,
    rejected bigint,
    refused bigint,
    verdict text NOT NULL,
    reason text,
    proof text,
    settled_at timestamp with time zone,
    checked_at timestamp with time zone,
    check_at timestamp with time zone,
    log_records bigint,
    absent bigint,
    log_checked_at timestamp with time zone,
    log_problem text,
    CONSTRAINT runs_proof_check CHECK ((proof = ANY (ARRAY['counts'::text, 'records'::text]))),
    CONSTRAINT runs_verdict_check CHECK ((verdict = ANY (ARRAY['running'::text, 'settling'::text, 'complete'::text, 'short'::text, 'over'::text, 'failed'::text, 'unverified'::text, 'ambiguous'::text, 'unknown'::text])))
);


--
-- Name: TABLE runs; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.runs IS 'One row per run of a sync that Polytomic''s API has told of, with what arrived of it. Empty without POLYSINK_POLYTOMIC_KEY.';


--
-- Name: COLUMN runs.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.sync_id IS 'The sync that ran.';


--
-- Name: COLUMN runs.source_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.source_id IS 'Polytomic''s id of the sync: another one than sync_id, if the sync has been adopted.';


--
-- Name: COLUMN runs.execution_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.execution_id IS 'Polytomic''s id of the run.';


--
-- Name: COLUMN runs.type; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.type IS 'Polytomic''s word for the kind of run; its values are not documented.';


--
-- Name: COLUMN runs.status; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.status IS 'Polytomic''s word for its state: running, completed, failed, and others.';


--
-- Name: COLUMN runs.created_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.created_at IS 'When it was asked for, by Polytomic''s clock.';


--
-- Name: COLUMN runs.started_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.started_at IS 'When it began, by Polytomic''s clock.';


--
-- Name: COLUMN runs.completed_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.completed_at IS 'When it ended, by Polytomic''s clock; null while it is in progress.';


--
-- Name: COLUMN runs.counts; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.counts IS 'The counts that Polytomic gives for it. Their meaning for a webhook is not documented.';


--
-- Name: COLUMN runs.errors; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.errors IS 'The errors that Polytomic gives for it.';


--
-- Name: COLUMN runs.full_run; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.full_run IS 'True if the sync sends every record in each run; null if it is not known.';


--
-- Name: COLUMN runs.expected; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.expected IS 'How many records Polytomic sent, by its counts or its log; null while it is not known which count that is.';


--
-- Name: COLUMN runs.expected_basis; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.expected_basis IS 'The counts that gave `expected`: each of them fitted the sync''s runs before.';


--
-- Name: COLUMN runs.received_min; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.received_min IS 'Records of the deliveries that were sent in it, without those of a second that it shares with another run.';


--
-- Name: COLUMN runs.received_max; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.received_max IS 'The same with those of that second.';


--
-- Name: COLUMN runs.rejected; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.rejected IS 'Records among them that were quarantined.';


--
-- Name: COLUMN runs.refused; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.refused IS 'Bodies of that time that were quarantined as a whole; their records are in no count.';


--
-- Name: COLUMN runs.verdict; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.verdict IS 'running; settling, its last deliveries may still come; complete; short, fewer records arrived than were sent; over, more; failed, in Polytomic; unverified, the counts cannot be compared; ambiguous, two runs at once; unknown, Polytomic has no such run any more.';


--
-- Name: COLUMN runs.reason; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.reason IS 'Why its counts could not be compared; null if they could.';


--
-- Name: COLUMN runs.proof; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.proof IS 'The basis of `complete`: counts, or the records of its log.';


--
-- Name: COLUMN runs.settled_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.settled_at IS 'When the verdict was reached; null while it can change.';


--
-- Name: COLUMN runs.checked_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.checked_at IS 'When it was last compared; null before.';


--
-- Name: COLUMN runs.check_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.check_at IS 'When it is to be compared again; null once its deliveries may have left the raw log.';


--
-- Name: COLUMN runs.log_records; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.log_records IS 'Records of its log in Polytomic; null if the log was not compared.';


--
-- Name: COLUMN runs.absent; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.absent IS 'Records of its log that have not arrived since it began; null if the log was not compared.';


--
-- Name: COLUMN runs.log_checked_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.log_checked_at IS 'When its log was last read; null if never.';


--
-- Name: COLUMN runs.log_problem; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.runs.log_problem IS 'Why its log could not be compared then; null if it could.';


--
-- Name: sync_sources; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.sync_sources (
    source_id uuid NOT NULL,
    sync_id uuid NOT NULL,
    connection text,
    name text,
    active boolean,
    sync_all_records boolean,
    frequency text,
    next_execution_at timestamp with time zone,
    expected_basis text[] DEFAULT '{}'::text[] NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    error text,
    failures integer DEFAULT 0 NOT NULL,
    identity text[],
    fields jsonb DEFAULT '[]'::jsonb NOT NULL,
    model_at timestamp with time zone
);


--
-- Name: TABLE sync_sources; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.sync_sources IS 'One row per sync, with what Polytomic''s API says about it. Empty without POLYSINK_POLYTOMIC_KEY.';


--
-- Name: COLUMN sync_sources.source_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.source_id IS 'Polytomic''s id of the sync.';


--
-- Name: COLUMN sync_sources.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.sync_id IS 'The sync here: another one, if it has been adopted.';


--
-- Name: COLUMN sync_sources.connection; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.connection IS 'The name of the secret that its deliveries come with, which chooses the key.';


--
-- Name: COLUMN sync_sources.name; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.name IS 'Its name in Polytomic.';


--
-- Name: COLUMN sync_sources.active; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.active IS 'Whether it runs on its schedule.';


--
-- Name: COLUMN sync_sources.sync_all_records; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.sync_all_records IS 'Whether each run sends every record, changed or not.';


--
-- Name: COLUMN sync_sources.frequency; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.frequency IS 'Polytomic''s word for its schedule, such as hourly or manual.';


--
-- Name: COLUMN sync_sources.next_execution_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.next_execution_at IS 'When its next run is due; null if none is planned.';


--
-- Name: COLUMN sync_sources.expected_basis; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.expected_basis IS 'Which counts of a run say how many records were sent here, as learned from its runs.';


--
-- Name: COLUMN sync_sources.asked_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.asked_at IS 'When the API was last asked about it.';


--
-- Name: COLUMN sync_sources.error; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.error IS 'Why the API did not answer then; null if it did.';


--
-- Name: COLUMN sync_sources.failures; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.failures IS 'How many times in a row it did not answer.';


--
-- Name: COLUMN sync_sources.identity; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.identity IS 'The fields that identify a record, by the sync''s identity or its model''s identifier in Polytomic; null if they are not known, or not sent.';


--
-- Name: COLUMN sync_sources.fields; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.fields IS 'The sync''s fields as its model describes them: name, description and type.';


--
-- Name: COLUMN sync_sources.model_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.sync_sources.model_at IS 'When the model was last read; null if it never was.';


--
-- Name: next_runs; Type: VIEW; Schema: polysink; Owner: -
--

CREATE VIEW polysink.next_runs AS
 SELECT p.sync_id,
    max(p.next_execution_at) AS next_run_at
   FROM polysink.sync_sources p
  WHERE ((p.failures = 0) AND (p.active IS NOT FALSE) AND (p.asked_at > (now() - '02:00:00'::interval)) AND ((p.next_execution_at > now()) OR (NOT (EXISTS ( SELECT
           FROM polysink.runs r
          WHERE ((r.source_id = p.source_id) AND (r.completed_at IS NULL) AND (r.settled_at IS NULL)))))))
  GROUP BY p.sync_id
 HAVING (max(p.next_execution_at) IS NOT NULL);


--
-- Name: VIEW next_runs; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON VIEW polysink.next_runs IS 'When each sync''s next run is due, by its schedule in Polytomic; no row where that is not known.';


--
-- Name: COLUMN next_runs.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.next_runs.sync_id IS 'The sync.';


--
-- Name: COLUMN next_runs.next_run_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.next_runs.next_run_at IS 'When it is due: in the past if Polytomic has not started it.';


--
-- Name: records; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.records (
    sync_id uuid NOT NULL,
    hash text NOT NULL COLLATE pg_catalog."C",
    fields jsonb NOT NULL,
    altered boolean NOT NULL,
    first_envelope_id uuid NOT NULL,
    first_sent_at timestamp with time zone NOT NULL,
    first_position integer NOT NULL,
    first_received_at timestamp with time zone NOT NULL,
    last_envelope_id uuid NOT NULL,
    last_sent_at timestamp with time zone NOT NULL,
    last_position integer NOT NULL,
    last_received_at timestamp with time zone NOT NULL,
    times_received bigint NOT NULL,
    revised boolean DEFAULT false NOT NULL
);
ALTER TABLE ONLY polysink.records ALTER COLUMN fields SET COMPRESSION lz4;


--
-- Name: TABLE records; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.records IS 'The ledger: one row per distinct record of a sync, by content hash. An edited source row has a new hash, so an entity can have several rows.';


--
-- Name: COLUMN records.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.records.sync_id IS 'The sync of the record.';


--
-- Name: COLUMN records.hash; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.records.hash IS 'Polytomic''s digest of the fields. Starts with polysink: if the record had none and polysink made it.';


--
-- Name: COLUMN records.fields; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.records.fields IS 'The record''s fields, as in its newest sighting. Numbers keep every digit.';


--
-- Name: COLUMN records.altered; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.records.altered IS 'True if jsonb cannot hold the text (a NUL character or a lone surrogate) and U+FFFD replaces it; the envelope has the exact text.';


--
-- Name: COLUMN records.first_envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.records.first_envelope_id IS 'The delivery of the oldest sighting, in order of sent_at, envelope, position.';


--
-- Name: COLUMN records.first_sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.records.first_sent_at IS 'When the oldest sighting was sent.';


--
-- Name: COLUMN records.first_position; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.records.first_position IS 'The record''s place in that payload, counted from 0.';


--
-- Name: COLUMN records.first_received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.records.first_received_at IS 'When the oldest sighting was received.';


--
-- Name: COLUMN records.last_envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.records.last_envelope_id IS 'The delivery of the newest sighting, in order of sent_at, envelope, position.';


--
-- Name: COLUMN records.last_sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.records.last_sent_at IS 'When the newest sighting was sent.';


--
-- Name: COLUMN records.last_position; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.records.last_position IS 'The record''s place in that payload, counted from 0.';


--
-- Name: COLUMN records.last_received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.records.last_received_at IS 'When the newest sighting was received.';


--
-- Name: COLUMN records.times_received; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.records.times_received IS 'How many times the record was received, repeats within one payload included.';


--
-- Name: COLUMN records.revised; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.records.revised IS 'Whether the record came with other fields under the same hash. Its rows have the fields that are here, those of its newest sighting.';


--
-- Name: rejections; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.rejections (
    rejection_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    connection text NOT NULL,
    scope text NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    sync_id uuid,
    envelope_id uuid,
    "position" integer,
    payload bytea NOT NULL,
    settled_at timestamp with time zone,
    positions integer[],
    settlement text,
    CONSTRAINT rejections_scope_check CHECK ((scope = ANY (ARRAY['envelope'::text, 'record'::text]))),
    CONSTRAINT rejections_settlement_check CHECK ((settlement = ANY (ARRAY['replayed'::text, 'rebuilt'::text, 'resolved'::text])))
);


--
-- Name: TABLE rejections; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.rejections IS 'The quarantine: authenticated bodies and records that could not be stored. No authenticated delivery is thrown away.';


--
-- Name: COLUMN rejections.rejection_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.rejections.rejection_id IS 'UUID version 7, made at receipt; a refused body''s is in the answer that Polytomic shows.';


--
-- Name: COLUMN rejections.received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.rejections.received_at IS 'When it was received.';


--
-- Name: COLUMN rejections.sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.rejections.sent_at IS 'The Polytomic-Signature-Timestamp header; received_at if there was none.';


--
-- Name: COLUMN rejections.connection; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.rejections.connection IS 'The name of the secret that authenticated the delivery.';


--
-- Name: COLUMN rejections.scope; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.rejections.scope IS 'envelope: a whole body, answered 400. record: one record of a stored delivery, or many of its records with the same reason.';


--
-- Name: COLUMN rejections.reason; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.rejections.reason IS 'The reason, as a word to filter by.';


--
-- Name: COLUMN rejections.detail; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.rejections.detail IS 'The reason, as a sentence; the first record''s if the row has many.';


--
-- Name: COLUMN rejections.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.rejections.sync_id IS 'The sync, if it is known.';


--
-- Name: COLUMN rejections.envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.rejections.envelope_id IS 'The envelope of the record; null for a whole body.';


--
-- Name: COLUMN rejections."position"; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.rejections."position" IS 'The record''s place in the payload, counted from 0; that of the first if there are many; null for a whole body.';


--
-- Name: COLUMN rejections.payload; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.rejections.payload IS 'The bytes as received: the record''s JSON, a JSON array if there are many records, or the body (decompressed if possible).';


--
-- Name: COLUMN rejections.settled_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.rejections.settled_at IS 'When it was resolved, by a replay, a rebuild or an operator; null while it is open.';


--
-- Name: COLUMN rejections.positions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.rejections.positions IS 'The places of the records if there are many; null for one record or a whole body.';


--
-- Name: COLUMN rejections.settlement; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.rejections.settlement IS 'replayed: a replay has written it; what still failed of it is in rejections of its own. rebuilt: a rebuild has projected it. resolved: dealt with by hand. Null while it is open.';


--
-- Name: replay_counts; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.replay_counts (
    sync_id uuid NOT NULL,
    hash text NOT NULL COLLATE pg_catalog."C",
    times_received bigint NOT NULL,
    correction bigint
);


--
-- Name: TABLE replay_counts; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.replay_counts IS 'How often the deliveries that are done have each record. Empty without a replay.';


--
-- Name: COLUMN replay_counts.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replay_counts.sync_id IS 'The sync that the record belongs to.';


--
-- Name: COLUMN replay_counts.hash; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replay_counts.hash IS 'As in polysink.records.';


--
-- Name: COLUMN replay_counts.times_received; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replay_counts.times_received IS 'How often, repeats inside one payload included.';


--
-- Name: COLUMN replay_counts.correction; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replay_counts.correction IS 'The difference between the count of the deliveries and that of the ledger at polysink.replays.counted_at, which is still to be added; negative if the ledger''s was too high. Null where the two are equal.';


--
-- Name: replaying; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.replaying (
    envelope_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    rewritten boolean NOT NULL,
    done boolean DEFAULT false NOT NULL
);


--
-- Name: TABLE replaying; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.replaying IS 'The deliveries that the replay goes through: all of its syncs, because a record can have come in any of them.';


--
-- Name: COLUMN replaying.envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replaying.envelope_id IS 'The envelope.';


--
-- Name: COLUMN replaying.received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replaying.received_at IS 'As in polysink.envelopes; names the partition.';


--
-- Name: COLUMN replaying.sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replaying.sent_at IS 'As in polysink.envelopes.';


--
-- Name: COLUMN replaying.rewritten; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replaying.rewritten IS 'Whether its records are restored and projected again. Those of the others are only counted.';


--
-- Name: COLUMN replaying.done; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replaying.done IS 'Whether it was replayed or counted.';


--
-- Name: replays; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.replays (
    replay_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    sync_id uuid,
    since timestamp with time zone,
    until timestamp with time zone,
    deliveries bigint NOT NULL,
    listed bigint NOT NULL,
    counted_at timestamp with time zone
);


--
-- Name: TABLE replays; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.replays IS 'The replay in progress, or the interrupted one. At most one; `polysink replay` continues it.';


--
-- Name: COLUMN replays.replay_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replays.replay_id IS 'UUID version 7, made at its start.';


--
-- Name: COLUMN replays.started_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replays.started_at IS 'When it was started.';


--
-- Name: COLUMN replays.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replays.sync_id IS 'Only deliveries of this sync; null for all.';


--
-- Name: COLUMN replays.since; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replays.since IS 'Only deliveries received at this time or later; null for no limit.';


--
-- Name: COLUMN replays.until; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replays.until IS 'Only deliveries received before this time; null for no limit.';


--
-- Name: COLUMN replays.deliveries; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replays.deliveries IS 'How many deliveries it goes through in all, with those that came since it was started.';


--
-- Name: COLUMN replays.listed; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replays.listed IS 'How many deliveries were added to polysink.replaying when that was last done.';


--
-- Name: COLUMN replays.counted_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.replays.counted_at IS 'When all deliveries were counted. From then on there are only counts of the ledger to correct. Null before.';


--
-- Name: retention; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.retention (
    only_row boolean DEFAULT true NOT NULL,
    ran_at timestamp with time zone NOT NULL,
    removed_partitions bigint NOT NULL,
    removed_rejections bigint NOT NULL,
    kept_partitions bigint NOT NULL,
    CONSTRAINT retention_only_row_check CHECK (only_row)
);


--
-- Name: TABLE retention; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.retention IS 'The last run of the retention, by whichever replica. One row; none before the first run.';


--
-- Name: COLUMN retention.only_row; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.retention.only_row IS 'True: the table has one row.';


--
-- Name: COLUMN retention.ran_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.retention.ran_at IS 'When it ended.';


--
-- Name: COLUMN retention.removed_partitions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.retention.removed_partitions IS 'Days of the raw log that were ever removed.';


--
-- Name: COLUMN retention.removed_rejections; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.retention.removed_rejections IS 'Resolved rejections that were ever removed.';


--
-- Name: COLUMN retention.kept_partitions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.retention.kept_partitions IS 'Days that were due in the last run and had to stay: deliveries of theirs were not in the query tables, or a session used them.';


--
-- Name: syncs; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.syncs (
    sync_id uuid NOT NULL,
    name text,
    metadata jsonb,
    table_name text NOT NULL COLLATE pg_catalog."C",
    identity text[],
    first_received_at timestamp with time zone NOT NULL,
    last_received_at timestamp with time zone NOT NULL,
    key_columns text[],
    compare text DEFAULT 'hash'::text NOT NULL,
    infers_deletions boolean DEFAULT false NOT NULL,
    from_polytomic boolean DEFAULT false NOT NULL,
    CONSTRAINT syncs_compare_check CHECK ((compare = ANY (ARRAY['hash'::text, 'values'::text])))
);


--
-- Name: TABLE syncs; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.syncs IS 'One row per Polytomic sync that has delivered records. Written when it changes, and about once a second while deliveries come.';


--
-- Name: COLUMN syncs.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.syncs.sync_id IS 'Polytomic''s id of the sync, as in the sync''s URL.';


--
-- Name: COLUMN syncs.name; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.syncs.name IS 'The sync''s name as last received; null if none was ever sent.';


--
-- Name: COLUMN syncs.metadata; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.syncs.metadata IS 'The metadata object as last received. JSON null is SQL null.';


--
-- Name: COLUMN syncs.table_name; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.syncs.table_name IS 'The name of the sync''s query table in schema synced. Made from the first name received, unique, not changed when the sync is renamed.';


--
-- Name: COLUMN syncs.identity; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.syncs.identity IS 'The fields that identify an entity, set by an operator; null until set.';


--
-- Name: COLUMN syncs.first_received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.syncs.first_received_at IS 'When the first delivery of this sync was received.';


--
-- Name: COLUMN syncs.last_received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.syncs.last_received_at IS 'When a delivery of this sync was last received, up to about a second behind.';


--
-- Name: COLUMN syncs.key_columns; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.syncs.key_columns IS 'How each field of the identity was read when the keys of the query tables were made: its column''s type, and how a pinned one reads strings. The tables are rebuilt when it changes. Null without an identity.';


--
-- Name: COLUMN syncs.compare; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.syncs.compare IS 'Which change makes a version of an entity: another hash, or other values, however they are written. See `polysink identity set --compare`.';


--
-- Name: COLUMN syncs.infers_deletions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.syncs.infers_deletions IS 'Whether rows that a whole full run did not send count as deleted: `polysink deletes`.';


--
-- Name: COLUMN syncs.from_polytomic; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.syncs.from_polytomic IS 'Whether its identity, types and descriptions were taken from its model in Polytomic; descriptions follow it since.';


--
-- Name: run_status; Type: VIEW; Schema: polysink; Owner: -
--

CREATE VIEW polysink.run_status AS
 SELECT r.sync_id,
    s.name,
    s.table_name,
    r.execution_id,
    r.started_at,
    r.completed_at,
    r.status,
    r.full_run,
    r.expected,
    r.expected_basis,
    r.received_max AS received,
        CASE
            WHEN ((r.verdict = 'short'::text) AND (r.absent > 0)) THEN r.absent
            ELSE GREATEST((r.expected - r.received_max), (0)::bigint)
        END AS short_by,
        CASE
            WHEN (r.verdict <> 'short'::text) THEN (0)::bigint
            WHEN (EXISTS ( SELECT
               FROM polysink.runs l
              WHERE ((l.sync_id = r.sync_id) AND (l.started_at >= r.completed_at) AND l.full_run AND (l.verdict = 'complete'::text)))) THEN (0)::bigint
            WHEN (r.absent > 0) THEN r.absent
            ELSE (r.expected - r.received_max)
        END AS missing,
    r.rejected,
    r.refused,
    r.verdict,
    r.reason,
    r.proof,
    r.settled_at
   FROM (polysink.runs r
     JOIN polysink.syncs s ON ((s.sync_id = r.sync_id)));


--
-- Name: VIEW run_status; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON VIEW polysink.run_status IS 'Whether each run of a sync arrived whole. For everyone who reads the query tables.';


--
-- Name: COLUMN run_status.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.sync_id IS 'The sync that ran.';


--
-- Name: COLUMN run_status.name; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.name IS 'Its name.';


--
-- Name: COLUMN run_status.table_name; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.table_name IS 'Its table in schema synced.';


--
-- Name: COLUMN run_status.execution_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.execution_id IS 'Polytomic''s id of the run.';


--
-- Name: COLUMN run_status.started_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.started_at IS 'When it began, by Polytomic''s clock.';


--
-- Name: COLUMN run_status.completed_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.completed_at IS 'When it ended; null while it is in progress.';


--
-- Name: COLUMN run_status.status; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.status IS 'Polytomic''s word for its state.';


--
-- Name: COLUMN run_status.full_run; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.full_run IS 'True if it sent every record, changed or not.';


--
-- Name: COLUMN run_status.expected; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.expected IS 'How many records Polytomic sent; null while that is not known.';


--
-- Name: COLUMN run_status.expected_basis; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.expected_basis IS 'The counts that say so.';


--
-- Name: COLUMN run_status.received; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.received IS 'How many of them arrived.';


--
-- Name: COLUMN run_status.short_by; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.short_by IS 'How many did not; null while it is not known how many were sent.';


--
-- Name: COLUMN run_status.missing; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.missing IS 'How many of them are still missing: those of a short run, until they come or a later full run is complete.';


--
-- Name: COLUMN run_status.rejected; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.rejected IS 'Records that arrived and were quarantined.';


--
-- Name: COLUMN run_status.refused; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.refused IS 'Bodies of that time that were quarantined as a whole.';


--
-- Name: COLUMN run_status.verdict; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.verdict IS 'running, settling, complete, short, over, failed, unverified, ambiguous or unknown; see polysink.runs.';


--
-- Name: COLUMN run_status.reason; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.reason IS 'Why its counts could not be compared; null if they could.';


--
-- Name: COLUMN run_status.proof; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.proof IS 'The basis of `complete`: counts, or the records of its log.';


--
-- Name: COLUMN run_status.settled_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.run_status.settled_at IS 'When the verdict was reached; null while it can change.';


--
-- Name: same_values; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.same_values (
    sync_id uuid NOT NULL,
    digest bytea NOT NULL,
    hash text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: TABLE same_values; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.same_values IS 'For syncs that compare values: the first hash of each distinct set of values. The query tables have it in _hash for all records with these values.';


--
-- Name: COLUMN same_values.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.same_values.sync_id IS 'The sync.';


--
-- Name: COLUMN same_values.digest; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.same_values.digest IS 'SHA-256 of the record''s values: without nulls, fields in the order of their names, numbers by value.';


--
-- Name: COLUMN same_values.hash; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.same_values.hash IS 'The hash of the first record with these values: its row in polysink.records.';


--
-- Name: split_versions; Type: TABLE; Schema: polysink; Owner: -
--

CREATE TABLE polysink.split_versions (
    sync_id uuid NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    changes integer DEFAULT 1 NOT NULL
);


--
-- Name: TABLE split_versions; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON TABLE polysink.split_versions IS 'Versions that a late delivery split. Only the first and the last sighting of a version are stored, so the sightings between are read from the raw log again; then the row is deleted.';


--
-- Name: COLUMN split_versions.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.split_versions.sync_id IS 'The sync.';


--
-- Name: COLUMN split_versions.key; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.split_versions.key IS 'The entity, as in _key.';


--
-- Name: COLUMN split_versions.since; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.split_versions.since IS 'When the first sighting of the version was sent.';


--
-- Name: COLUMN split_versions.until; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.split_versions.until IS 'When its last sighting was sent.';


--
-- Name: COLUMN split_versions.changes; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.split_versions.changes IS 'How many late deliveries of the entity have been projected since: if it has changed while the raw log was read, that is read again.';


--
-- Name: unidentified; Type: VIEW; Schema: polysink; Owner: -
--

CREATE VIEW polysink.unidentified AS
 SELECT r.sync_id,
    r.hash,
    r.fields,
    r.altered,
    r.first_envelope_id,
    r.first_sent_at,
    r.first_position,
    r.first_received_at,
    r.last_envelope_id,
    r.last_sent_at,
    r.last_position,
    r.last_received_at,
    r.times_received
   FROM (polysink.records r
     JOIN polysink.syncs s ON ((s.sync_id = r.sync_id)))
  WHERE (EXISTS ( SELECT
           FROM unnest(s.identity) i(field)
          WHERE (COALESCE((r.fields -> i.field), 'null'::jsonb) = 'null'::jsonb)));


--
-- Name: VIEW unidentified; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON VIEW polysink.unidentified IS 'The records that have no value, or null, in a field of their sync''s identity: they are in the ledger, and in no query table.';


--
-- Name: COLUMN unidentified.sync_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.unidentified.sync_id IS 'The sync of the record.';


--
-- Name: COLUMN unidentified.hash; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.unidentified.hash IS 'Polytomic''s digest of the fields. Starts with polysink: if the record had none and polysink made it.';


--
-- Name: COLUMN unidentified.fields; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.unidentified.fields IS 'The record''s fields, as in its newest sighting. Numbers keep every digit.';


--
-- Name: COLUMN unidentified.altered; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.unidentified.altered IS 'True if jsonb cannot hold the text (a NUL character or a lone surrogate) and U+FFFD replaces it; the envelope has the exact text.';


--
-- Name: COLUMN unidentified.first_envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.unidentified.first_envelope_id IS 'The delivery of the oldest sighting, in order of sent_at, envelope, position.';


--
-- Name: COLUMN unidentified.first_sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.unidentified.first_sent_at IS 'When the oldest sighting was sent.';


--
-- Name: COLUMN unidentified.first_position; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.unidentified.first_position IS 'The record''s place in that payload, counted from 0.';


--
-- Name: COLUMN unidentified.first_received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.unidentified.first_received_at IS 'When the oldest sighting was received.';


--
-- Name: COLUMN unidentified.last_envelope_id; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.unidentified.last_envelope_id IS 'The delivery of the newest sighting, in order of sent_at, envelope, position.';


--
-- Name: COLUMN unidentified.last_sent_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.unidentified.last_sent_at IS 'When the newest sighting was sent.';


--
-- Name: COLUMN unidentified.last_position; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.unidentified.last_position IS 'The record''s place in that payload, counted from 0.';


--
-- Name: COLUMN unidentified.last_received_at; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.unidentified.last_received_at IS 'When the newest sighting was received.';


--
-- Name: COLUMN unidentified.times_received; Type: COMMENT; Schema: polysink; Owner: -
--

COMMENT ON COLUMN polysink.unidentified.times_received IS 'How many times the record was received, repeats within one payload included.';


--
-- Name: customers; Type: TABLE; Schema: synced; Owner: -
--

CREATE TABLE synced.customers (
    id bigint,
    plan text,
    since text,
    tags jsonb,
    mrr numeric,
    _key text NOT NULL COLLATE pg_catalog."C",
    _hash text NOT NULL COLLATE pg_catalog."C",
    _unfit jsonb,
    _first_received_at timestamp with time zone NOT NULL,
    _last_received_at timestamp with time zone NOT NULL,
    _changed_at timestamp with time zone NOT NULL,
    _sent_at timestamp with time zone NOT NULL,
    _envelope_id uuid NOT NULL,
    _position integer NOT NULL
);


--
-- Name: TABLE customers; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON TABLE synced.customers IS 'Polytomic sync "Customers", 6c0d6d2e-2f9b-4b9e-9a0e-000000000001: one row per entity, identified by id. Made by polysink.';


--
-- Name: COLUMN customers.id; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers.id IS 'The field "id" of the Polytomic sync.';


--
-- Name: COLUMN customers.plan; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers.plan IS 'The field "plan" of the Polytomic sync.';


--
-- Name: COLUMN customers.since; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers.since IS 'The field "since" of the Polytomic sync.';


--
-- Name: COLUMN customers.tags; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers.tags IS 'The field "tags" of the Polytomic sync.';


--
-- Name: COLUMN customers.mrr; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers.mrr IS 'The field "mrr" of the Polytomic sync.';


--
-- Name: COLUMN customers._key; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers._key IS 'The entity: the identity''s values as a JSON array, or the record''s hash where no identity is set.';


--
-- Name: COLUMN customers._hash; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers._hash IS 'The record''s hash: its row in polysink.records.';


--
-- Name: COLUMN customers._unfit; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers._unfit IS 'Values that do not fit a column of this table, by field; null if all of them fit.';


--
-- Name: COLUMN customers._first_received_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers._first_received_at IS 'When polysink received the first sighting.';


--
-- Name: COLUMN customers._last_received_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers._last_received_at IS 'When polysink received the latest sighting.';


--
-- Name: COLUMN customers._changed_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers._changed_at IS 'When the row last changed: sent_at of the first sighting of this content.';


--
-- Name: COLUMN customers._sent_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers._sent_at IS 'When the latest sighting was sent.';


--
-- Name: COLUMN customers._envelope_id; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers._envelope_id IS 'The delivery of the latest sighting, in polysink.envelopes.';


--
-- Name: COLUMN customers._position; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers._position IS 'The record''s place in that delivery, counted from 0.';


--
-- Name: customers_history; Type: TABLE; Schema: synced; Owner: -
--

CREATE TABLE synced.customers_history (
    id bigint,
    plan text,
    since text,
    tags jsonb,
    mrr numeric,
    _key text NOT NULL COLLATE pg_catalog."C",
    _hash text NOT NULL COLLATE pg_catalog."C",
    _unfit jsonb,
    _first_received_at timestamp with time zone NOT NULL,
    _last_received_at timestamp with time zone NOT NULL,
    _changed_at timestamp with time zone NOT NULL,
    _sent_at timestamp with time zone NOT NULL,
    _envelope_id uuid NOT NULL,
    _position integer NOT NULL,
    _valid_from timestamp with time zone NOT NULL,
    _valid_to timestamp with time zone,
    _last_sent_at timestamp with time zone,
    _last_envelope_id uuid,
    _last_position integer
);


--
-- Name: TABLE customers_history; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON TABLE synced.customers_history IS 'Polytomic sync "Customers", 6c0d6d2e-2f9b-4b9e-9a0e-000000000001: one row per version of an entity. Made by polysink.';


--
-- Name: COLUMN customers_history.id; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history.id IS 'The field "id" of the Polytomic sync.';


--
-- Name: COLUMN customers_history.plan; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history.plan IS 'The field "plan" of the Polytomic sync.';


--
-- Name: COLUMN customers_history.since; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history.since IS 'The field "since" of the Polytomic sync.';


--
-- Name: COLUMN customers_history.tags; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history.tags IS 'The field "tags" of the Polytomic sync.';


--
-- Name: COLUMN customers_history.mrr; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history.mrr IS 'The field "mrr" of the Polytomic sync.';


--
-- Name: COLUMN customers_history._key; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history._key IS 'The entity: the identity''s values as a JSON array, or the record''s hash where no identity is set.';


--
-- Name: COLUMN customers_history._hash; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history._hash IS 'The record''s hash: its row in polysink.records.';


--
-- Name: COLUMN customers_history._unfit; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history._unfit IS 'Values that do not fit a column of this table, by field; null if all of them fit.';


--
-- Name: COLUMN customers_history._first_received_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history._first_received_at IS 'When polysink received the version''s first sighting.';


--
-- Name: COLUMN customers_history._last_received_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history._last_received_at IS 'When polysink received the version''s last sighting; while the version lasts, its first sighting.';


--
-- Name: COLUMN customers_history._changed_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history._changed_at IS 'The same as _valid_from.';


--
-- Name: COLUMN customers_history._sent_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history._sent_at IS 'When the version''s first sighting was sent.';


--
-- Name: COLUMN customers_history._envelope_id; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history._envelope_id IS 'The delivery of the version''s first sighting, in polysink.envelopes.';


--
-- Name: COLUMN customers_history._position; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history._position IS 'The record''s place in that delivery, counted from 0.';


--
-- Name: COLUMN customers_history._valid_from; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history._valid_from IS 'When the version began: sent_at of its first sighting.';


--
-- Name: COLUMN customers_history._valid_to; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history._valid_to IS 'When the version ended, exclusive; null while it lasts.';


--
-- Name: COLUMN customers_history._last_sent_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history._last_sent_at IS 'When the version''s last sighting was sent; null while the version lasts: see _sent_at of the current table.';


--
-- Name: COLUMN customers_history._last_envelope_id; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history._last_envelope_id IS 'The delivery of the version''s last sighting; null while the version lasts.';


--
-- Name: COLUMN customers_history._last_position; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.customers_history._last_position IS 'The record''s place in that delivery, counted from 0; null while the version lasts.';


--
-- Name: renamed; Type: TABLE; Schema: synced; Owner: -
--

CREATE TABLE synced.renamed (
    long_name text,
    n text,
    _key text NOT NULL COLLATE pg_catalog."C",
    _hash text NOT NULL COLLATE pg_catalog."C",
    _unfit jsonb,
    _first_received_at timestamp with time zone NOT NULL,
    _last_received_at timestamp with time zone NOT NULL,
    _changed_at timestamp with time zone NOT NULL,
    _sent_at timestamp with time zone NOT NULL,
    _envelope_id uuid NOT NULL,
    _position integer NOT NULL
);


--
-- Name: TABLE renamed; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON TABLE synced.renamed IS 'Polytomic sync "Renamed", 6c0d6d2e-2f9b-4b9e-9a0e-000000000002: one row per distinct record; `polysink identity set` makes it one per entity. Made by polysink.';


--
-- Name: COLUMN renamed.long_name; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.renamed.long_name IS 'The field "Long Name" of the Polytomic sync.';


--
-- Name: COLUMN renamed.n; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.renamed.n IS 'The field "n" of the Polytomic sync.';


--
-- Name: COLUMN renamed._key; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.renamed._key IS 'The entity: the identity''s values as a JSON array, or the record''s hash where no identity is set.';


--
-- Name: COLUMN renamed._hash; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.renamed._hash IS 'The record''s hash: its row in polysink.records.';


--
-- Name: COLUMN renamed._unfit; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.renamed._unfit IS 'Values that do not fit a column of this table, by field; null if all of them fit.';


--
-- Name: COLUMN renamed._first_received_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.renamed._first_received_at IS 'When polysink received the first sighting.';


--
-- Name: COLUMN renamed._last_received_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.renamed._last_received_at IS 'When polysink received the latest sighting.';


--
-- Name: COLUMN renamed._changed_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.renamed._changed_at IS 'When the row last changed: sent_at of the first sighting of this content.';


--
-- Name: COLUMN renamed._sent_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.renamed._sent_at IS 'When the latest sighting was sent.';


--
-- Name: COLUMN renamed._envelope_id; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.renamed._envelope_id IS 'The delivery of the latest sighting, in polysink.envelopes.';


--
-- Name: COLUMN renamed._position; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.renamed._position IS 'The record''s place in that delivery, counted from 0.';


--
-- Name: sample_customers; Type: TABLE; Schema: synced; Owner: -
--

CREATE TABLE synced.sample_customers (
    active boolean,
    address jsonb,
    company text,
    email text,
    id bigint,
    mrr numeric,
    name text,
    plan text,
    referred_by bigint,
    renews_on date,
    seats bigint,
    signed_up_at timestamp with time zone,
    tags jsonb,
    _key text NOT NULL COLLATE pg_catalog."C",
    _hash text NOT NULL COLLATE pg_catalog."C",
    _unfit jsonb,
    _first_received_at timestamp with time zone NOT NULL,
    _last_received_at timestamp with time zone NOT NULL,
    _changed_at timestamp with time zone NOT NULL,
    _sent_at timestamp with time zone NOT NULL,
    _envelope_id uuid NOT NULL,
    _position integer NOT NULL
);


--
-- Name: TABLE sample_customers; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON TABLE synced.sample_customers IS 'Polytomic sync "Sample customers", 5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47: one row per distinct record; `polysink identity set` makes it one per entity. Made by polysink.';


--
-- Name: COLUMN sample_customers.active; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers.active IS 'The field "active" of the Polytomic sync.';


--
-- Name: COLUMN sample_customers.address; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers.address IS 'The field "address" of the Polytomic sync.';


--
-- Name: COLUMN sample_customers.company; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers.company IS 'The field "company" of the Polytomic sync.';


--
-- Name: COLUMN sample_customers.email; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers.email IS 'The field "email" of the Polytomic sync.';


--
-- Name: COLUMN sample_customers.id; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers.id IS 'The field "id" of the Polytomic sync.';


--
-- Name: COLUMN sample_customers.mrr; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers.mrr IS 'The field "mrr" of the Polytomic sync.';


--
-- Name: COLUMN sample_customers.name; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers.name IS 'The field "name" of the Polytomic sync.';


--
-- Name: COLUMN sample_customers.plan; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers.plan IS 'The field "plan" of the Polytomic sync.';


--
-- Name: COLUMN sample_customers.referred_by; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers.referred_by IS 'The field "referred_by" of the Polytomic sync.';


--
-- Name: COLUMN sample_customers.renews_on; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers.renews_on IS 'The field "renews_on" of the Polytomic sync.';


--
-- Name: COLUMN sample_customers.seats; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers.seats IS 'The field "seats" of the Polytomic sync.';


--
-- Name: COLUMN sample_customers.signed_up_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers.signed_up_at IS 'The field "signed_up_at" of the Polytomic sync.';


--
-- Name: COLUMN sample_customers.tags; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers.tags IS 'The field "tags" of the Polytomic sync.';


--
-- Name: COLUMN sample_customers._key; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers._key IS 'The entity: the identity''s values as a JSON array, or the record''s hash where no identity is set.';


--
-- Name: COLUMN sample_customers._hash; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers._hash IS 'The record''s hash: its row in polysink.records.';


--
-- Name: COLUMN sample_customers._unfit; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers._unfit IS 'Values that do not fit a column of this table, by field; null if all of them fit.';


--
-- Name: COLUMN sample_customers._first_received_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers._first_received_at IS 'When polysink received the first sighting.';


--
-- Name: COLUMN sample_customers._last_received_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers._last_received_at IS 'When polysink received the latest sighting.';


--
-- Name: COLUMN sample_customers._changed_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers._changed_at IS 'When the row last changed: sent_at of the first sighting of this content.';


--
-- Name: COLUMN sample_customers._sent_at; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers._sent_at IS 'When the latest sighting was sent.';


--
-- Name: COLUMN sample_customers._envelope_id; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers._envelope_id IS 'The delivery of the latest sighting, in polysink.envelopes.';


--
-- Name: COLUMN sample_customers._position; Type: COMMENT; Schema: synced; Owner: -
--

COMMENT ON COLUMN synced.sample_customers._position IS 'The record''s place in that delivery, counted from 0.';


--
-- Name: envelopes_20261130; Type: TABLE ATTACH; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes ATTACH PARTITION polysink.envelopes_20261130 FOR VALUES FROM ('2026-11-30 00:00:00+00') TO ('2026-12-01 00:00:00+00');


--
-- Name: envelopes_20261201; Type: TABLE ATTACH; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes ATTACH PARTITION polysink.envelopes_20261201 FOR VALUES FROM ('2026-12-01 00:00:00+00') TO ('2026-12-02 00:00:00+00');


--
-- Name: envelopes_20261202; Type: TABLE ATTACH; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes ATTACH PARTITION polysink.envelopes_20261202 FOR VALUES FROM ('2026-12-02 00:00:00+00') TO ('2026-12-03 00:00:00+00');


--
-- Name: envelopes_20261203; Type: TABLE ATTACH; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes ATTACH PARTITION polysink.envelopes_20261203 FOR VALUES FROM ('2026-12-03 00:00:00+00') TO ('2026-12-04 00:00:00+00');


--
-- Name: envelopes_20261204; Type: TABLE ATTACH; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes ATTACH PARTITION polysink.envelopes_20261204 FOR VALUES FROM ('2026-12-04 00:00:00+00') TO ('2026-12-05 00:00:00+00');


--
-- Name: envelopes_20261205; Type: TABLE ATTACH; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes ATTACH PARTITION polysink.envelopes_20261205 FOR VALUES FROM ('2026-12-05 00:00:00+00') TO ('2026-12-06 00:00:00+00');


--
-- Name: envelopes_20261206; Type: TABLE ATTACH; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes ATTACH PARTITION polysink.envelopes_20261206 FOR VALUES FROM ('2026-12-06 00:00:00+00') TO ('2026-12-07 00:00:00+00');


--
-- Name: envelopes_20261207; Type: TABLE ATTACH; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes ATTACH PARTITION polysink.envelopes_20261207 FOR VALUES FROM ('2026-12-07 00:00:00+00') TO ('2026-12-08 00:00:00+00');


--
-- Data for Name: _sqlx_migrations; Type: TABLE DATA; Schema: polysink; Owner: -
--

INSERT INTO polysink._sqlx_migrations VALUES (1, 'truth', '2026-11-30 21:26:46.042183+00', true, '\x4193d60b958776ee3cfbec645d981e0a5c3a9269f258c3521f4067cfbff114f5888feec6f112a16ad6a6cbb65f1d2e1e', 14992000);
INSERT INTO polysink._sqlx_migrations VALUES (2, 'projection', '2026-11-30 21:26:46.057784+00', true, '\x3a9884d14ccada8b8ca56a661e1fe47c52f7f3414505b522682e4e26755a89cb3fcf6826cfa604f42171882ca7671266', 6398000);
INSERT INTO polysink._sqlx_migrations VALUES (3, 'backfill', '2026-11-30 21:26:46.064599+00', true, '\x9c4aefb59d837c49674bcef71b2b864f6c84bb46a4b046a7c0f3b14b34c5bce6c376a545f9e0778c143a69d68fd4b4c1', 3643000);
INSERT INTO polysink._sqlx_migrations VALUES (4, 'jsonb error', '2026-11-30 21:26:46.068579+00', true, '\xdc4e1215c1bf6d572ec9e4404396aa3be49142a880643ac463b22389073a6c0605a8f61ef0e806f7fcacbf511ee8b3dc', 1598000);
INSERT INTO polysink._sqlx_migrations VALUES (5, 'catalogues', '2026-11-30 21:26:46.070422+00', true, '\x5dd3dc60f0441ceb5f0013397c185d527c8da817696e7938c95a74bbfa271263bc101192581ea7e3a4334abb3cdb464d', 3136000);
INSERT INTO polysink._sqlx_migrations VALUES (6, 'grouped rejections', '2026-11-30 21:26:46.073852+00', true, '\x47cef70859659ac7b6943406f3cf674503bf1c6d6c791382d86d9512b0d49d9b290cfcc55d666a0cd7d5520583b09e15', 1450000);
INSERT INTO polysink._sqlx_migrations VALUES (7, 'comments', '2026-11-30 21:26:46.075556+00', true, '\x1a357f9e421f16209fb4a3aa89ae47b69af4f999a6d7c191ecc9bb7fca5de8114978f5a2a08d4801c0567df4b0e03d17', 1926000);
INSERT INTO polysink._sqlx_migrations VALUES (8, 'formats and misfits', '2026-11-30 21:26:46.07783+00', true, '\xb6c3b1e163ad28b84a83402449f9c819d9ad023c030353b759ba5485fd2826750b4439c13db744370b4678993861a0a7', 1175000);
INSERT INTO polysink._sqlx_migrations VALUES (9, 'key columns', '2026-11-30 21:26:46.079227+00', true, '\x8cb38d656b93a8306cb6a7a37df2e3db029b2a17e403b2edb149f36ce96c8adc98ab0e7724ce015345c93762d980676d', 1476000);
INSERT INTO polysink._sqlx_migrations VALUES (10, 'lz4 fields', '2026-11-30 21:26:46.080963+00', true, '\xcdcdbce5832439611c2f0df2c93f14622045e7ea34551a65be4e8cb7cf6f239e60c636234a8b4b0db57343d6c019ba6a', 982000);
INSERT INTO polysink._sqlx_migrations VALUES (11, 'replays', '2026-11-30 21:26:46.082109+00', true, '\xa57fdefb7e170d58c7fdcc6eef1d054d41f843ac9f70b3c8f35d82a18ffdee95482d2e047e2b0f6199b9d762207e92ea', 4266000);
INSERT INTO polysink._sqlx_migrations VALUES (12, 'retention', '2026-11-30 21:26:46.08689+00', true, '\x72b3142cbc36366606b62106709b8019ee4ed8664c0593e7231878ab79065759344be07ac74f0f8dc55b38e5a7af9be9', 2481000);
INSERT INTO polysink._sqlx_migrations VALUES (13, 'erasures', '2026-11-30 21:26:46.089608+00', true, '\x2c13ea63c47fc755ec3b7ee129c3b6ad42d31b9642c451435f23afc4c261227933ab928822d2a2048522689c46ae1b4b', 4319000);
INSERT INTO polysink._sqlx_migrations VALUES (14, 'jsonb error document', '2026-11-30 21:26:46.094237+00', true, '\x4bdfb9c4212b34a4cabad2bf9e63a3bf37d639670b2893e63965f52328172f5b9786397192390a9f547a5d62e3d8b014', 1772000);
INSERT INTO polysink._sqlx_migrations VALUES (15, 'backlog entered', '2026-11-30 21:26:46.096269+00', true, '\xdf14956a144d15d663b420f915fdcaadaf1ee1804092eb08499523bc4e1e8fda128fa880f83a04f0f27df45aee2fecb8', 1189000);
INSERT INTO polysink._sqlx_migrations VALUES (16, 'installation', '2026-11-30 21:26:46.097633+00', true, '\x94298a70b27c5b4f9bd392661aeb08d60f63f90efef1838b48ce0dba03ac6d7215778a9d65df7ae66ecf797edffbba47', 2233000);
INSERT INTO polysink._sqlx_migrations VALUES (17, 'replay counts', '2026-11-30 21:26:46.100149+00', true, '\xd1a3d2b5c47d511e588ffdccedb30f4150bfae4086e23079e5e77078a2926e3e2e8ca3a3304a801e5e4292faff8f065a', 5096000);
INSERT INTO polysink._sqlx_migrations VALUES (18, 'freshness', '2026-11-30 21:26:46.105832+00', true, '\x8a0f9390cccfbcc4ece3a1791b7bbe9b58e4ceefbfb156dee6ae5bdaa9d67384f67cc3bb2be22292fde1c010ef1d4003', 1403000);
INSERT INTO polysink._sqlx_migrations VALUES (19, 'backlog entered idx', '2026-11-30 21:26:46.107494+00', true, '\xbef66dd29884544cfeab47780611d76a3947bfabe159c3aa082c2731a6ab983af2df11aabd401321dd47337be15dbf8d', 1777000);
INSERT INTO polysink._sqlx_migrations VALUES (20, 'recent rows', '2026-11-30 21:26:46.109585+00', true, '\x48e75324329f8a48ff620b417a23e91551d421d7f6e00c0a260f41a7d7296fe5dbc727e37d993b61358a80914f52b219', 1489000);
INSERT INTO polysink._sqlx_migrations VALUES (21, 'empty values', '2026-11-30 21:26:46.111357+00', true, '\xe5d23fe08aa73fae9fd6de2744c4e0fa8238f6bbb2c02e0c0bddf93b5677ec8956071947903e4a41f784dc3c051ab8f6', 1238000);
INSERT INTO polysink._sqlx_migrations VALUES (22, 'exact history', '2026-11-30 21:26:46.112959+00', true, '\xe14b282b659f34ea815ce8455a9eb95ed7a7b78b53746a7d4e6ae4e50939256e016a4ed576993c477e07eae4a05307ec', 3529000);
INSERT INTO polysink._sqlx_migrations VALUES (23, 'adoptions', '2026-11-30 21:26:46.116893+00', true, '\xaf5b26969923b831e29975da91a10720eb424284766ca7cf9ecc465c4baf3097a02a3b19e40a8188d3a1dcd43db4b098', 3034000);
INSERT INTO polysink._sqlx_migrations VALUES (24, 'same values', '2026-11-30 21:26:46.120283+00', true, '\xf4c9fa191a9f2c5a87832bfaea8ee20430bbb45f51a3caf651ef46d9cde442cbb4cdaf13b08197d3efd833795bc3f44a', 3705000);
INSERT INTO polysink._sqlx_migrations VALUES (25, 'plain comments', '2026-11-30 21:26:46.12431+00', true, '\xcb8df2ec9590de33afdfe7901aaab8f2efe2ec434b66174938ed1326d4076ec0e09f42ebecc943b50a47ab74a32add7b', 1670000);
INSERT INTO polysink._sqlx_migrations VALUES (26, 'records revised idx', '2026-11-30 21:26:46.126301+00', true, '\x95b05edac51107cb44ddf074ec7b864097aee81b791477ffd54a5a5739c01a20d80971b944214715515dd78b3781148e', 1937000);
INSERT INTO polysink._sqlx_migrations VALUES (27, 'runs', '2026-11-30 21:26:46.128546+00', true, '\x350f2fb4f97b4b4f08624862eed581a73d7348424f13f1cdf460a3bcee1d5c6e4670d1ae5e48b8bfc6b78b768b155f8f', 8759000);
INSERT INTO polysink._sqlx_migrations VALUES (28, 'heads', '2026-11-30 21:26:46.137806+00', true, '\x0dffd6bcffdaa25a0f12ee5ccd94bcdf701a5ee0906bea151dbb92bc375b82005d66bf308df4f8d512c0c16e88ef2c07', 2269000);
INSERT INTO polysink._sqlx_migrations VALUES (29, 'events', '2026-11-30 21:26:46.140393+00', true, '\xc5a7c4f97dbebb94b6a10b3113805f96c4d1d92446ba307d835826005b7605629c2c4d4167910e79d65fdbb9ff19d4f0', 4250000);
INSERT INTO polysink._sqlx_migrations VALUES (30, 'run logs', '2026-11-30 21:26:46.144993+00', true, '\xb3a1741b0fdea1d4767132024f9ed053fbbdcac97bbf92fd311bb524c99be4a262d37ca720ad390314071f6be732dfa3', 2658000);
INSERT INTO polysink._sqlx_migrations VALUES (31, 'deletions', '2026-11-30 21:26:46.148015+00', true, '\x832678042fae0d79c138577dc23f9336707622eca4029058dff37b2de9984fa4beb8f66b5f8b07755bc300984eebb913', 3520000);
INSERT INTO polysink._sqlx_migrations VALUES (32, 'source models', '2026-11-30 21:26:46.151853+00', true, '\x536a079fbcd37dbde9807123e574e0a611e6f89841d4ed45374d6ccd5546639ab2f5bfd2193f219f69cc15bb922f49cb', 1802000);


--
-- Data for Name: adoptions; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: backfills; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: backlog; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: catalogues; Type: TABLE DATA; Schema: polysink; Owner: -
--

INSERT INTO polysink.catalogues VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 2, 0, NULL, NULL);
INSERT INTO polysink.catalogues VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000001', 5, 0, NULL, NULL);
INSERT INTO polysink.catalogues VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000002', 3, 0, NULL, NULL);


--
-- Data for Name: deletions; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: envelopes_20261130; Type: TABLE DATA; Schema: polysink; Owner: -
--

INSERT INTO polysink.envelopes_20261130 VALUES ('01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', 'one', 'sync.records', '5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '{}', 50, '127.0.0.1', 'Polytomic/rel2021.05.25 (polysink send)', 'stored', '{"event":"sync.records","object":{"id":"5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47","name":"Sample customers","records":[{"hash":"a20ce91b8c32cdbd","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Acme, Inc.","email":"customer1@example.com","id":1,"mrr":2475.95,"name":"José Smith","plan":"team","referred_by":null,"renews_on":"2026-01-06","seats":198,"signed_up_at":"2021-02-13T17:31:33Z","tags":[]}},{"hash":"a5ca7e7e6ea04d4e","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Tōkyō Robotics","email":"customer2@example.com","id":2,"mrr":3512.9,"name":"Nguyễn Smith","plan":"team","referred_by":null,"renews_on":null,"seats":281,"signed_up_at":"2022-05-14T22:26:30Z","tags":[]}},{"hash":"1e3ba56000f45281","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Nimbus","email":"customer3@example.com","id":3,"mrr":4112.99,"name":"Chinedu O''Brien","plan":"business","referred_by":null,"renews_on":"2026-08-18","seats":329,"signed_up_at":"2023-06-21T12:13:10Z","tags":["vip","beta"]}},{"hash":"efc471076f5e3451","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Fjord & Co.","email":"customer4@example.com","id":4,"mrr":5262.91,"name":"Grace Okafor","plan":"enterprise","referred_by":null,"renews_on":null,"seats":421,"signed_up_at":"2022-09-15T02:14:49Z","tags":[]}},{"hash":"3012c538565434f6","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Café Olé","email":"customer5@example.com","id":5,"mrr":438.0,"name":"Aoife García","plan":"business","referred_by":null,"renews_on":"2026-02-10","seats":35,"signed_up_at":"2021-05-20T02:49:04Z","tags":[]}},{"hash":"715fcb6bc0bb8477","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Analytical Engines","email":"customer6@example.com","id":6,"mrr":6100.86,"name":"Ada Ørsted","plan":"free","referred_by":192915,"renews_on":"2026-05-13","seats":488,"signed_up_at":"2022-09-04T05:23:50Z","tags":[]}},{"hash":"2b72c0dcba801d1a","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Tōkyō Robotics","email":"customer7@example.com","id":7,"mrr":2538.3,"name":"Zoë O''Brien","plan":"team","referred_by":672460,"renews_on":null,"seats":203,"signed_up_at":"2020-07-07T17:50:12Z","tags":[]}},{"hash":"60c74d0b56d67314","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Blue \"Sky\" Ltd","email":"customer8@example.com","id":8,"mrr":2563.22,"name":"Fatima Smith","plan":"team","referred_by":null,"renews_on":null,"seats":205,"signed_up_at":"2022-07-26T10:41:43Z","tags":["vip","beta"]}},{"hash":"704ee0abd823c5b5","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Acme, Inc.","email":"customer9@example.com","id":9,"mrr":5200.15,"name":"Fatima Haddad","plan":"team","referred_by":null,"renews_on":"2026-05-24","seats":416,"signed_up_at":"2022-09-11T19:42:22Z","tags":[]}},{"hash":"811a45f9cb0dfcd7","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Café Olé","email":"customer10@example.com","id":10,"mrr":1150.37,"name":"美咲 田中","plan":"team","referred_by":159880,"renews_on":"2026-01-06","seats":92,"signed_up_at":"2022-04-25T13:55:42Z","tags":[]}},{"hash":"7b01b3933a7a19b3","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Analytical Engines","email":"customer11@example.com","id":11,"mrr":3287.57,"name":"José Ørsted","plan":"business","referred_by":null,"renews_on":"2026-08-08","seats":263,"signed_up_at":"2024-04-17T21:09:28Z","tags":[]}},{"hash":"53ccbaf9698760a8","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Blue \"Sky\" Ltd","email":"customer12@example.com","id":12,"mrr":4375.87,"name":"José Ørsted","plan":"team","referred_by":null,"renews_on":null,"seats":350,"signed_up_at":"2022-09-27T04:45:59Z","tags":["vip","beta"]}},{"hash":"208d72c834a82316","fields":{"active":false,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Acme, Inc.","email":"customer13@example.com","id":13,"mrr":875.86,"name":"Ольга Петрова","plan":"business","referred_by":null,"renews_on":null,"seats":70,"signed_up_at":"2021-10-03T03:09:06Z","tags":[]}},{"hash":"c4d87443cf2efb5f","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Nimbus","email":"customer14@example.com","id":14,"mrr":2300.58,"name":"Ольга Петрова","plan":"enterprise","referred_by":412236,"renews_on":"2026-02-09","seats":184,"signed_up_at":"2024-02-16T05:30:49Z","tags":[]}},{"hash":"ed9b9b9aea8feba4","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Tōkyō Robotics","email":"customer15@example.com","id":15,"mrr":25.96,"name":"Grace Hopper","plan":"team","referred_by":null,"renews_on":"2026-09-30","seats":2,"signed_up_at":"2020-05-08T20:46:01Z","tags":[]}},{"hash":"f68f8ada3a367897","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Acme, Inc.","email":"customer16@example.com","id":16,"mrr":2538.05,"name":"Ada García","plan":"enterprise","referred_by":null,"renews_on":"2026-09-06","seats":203,"signed_up_at":"2023-05-04T20:22:21Z","tags":[]}},{"hash":"31fe67a66fa8755b","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Tōkyō Robotics","email":"customer17@example.com","id":17,"mrr":863.04,"name":"José 田中","plan":"enterprise","referred_by":null,"renews_on":null,"seats":69,"signed_up_at":"2020-12-13T12:51:12Z","tags":[]}},{"hash":"3d59210a088a3eef","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Café Olé","email":"customer18@example.com","id":18,"mrr":1675.47,"name":"Søren Haddad","plan":"business","referred_by":null,"renews_on":"2026-09-19","seats":134,"signed_up_at":"2024-06-05T16:18:37Z","tags":[]}},{"hash":"e3320316ea45c8dd","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Nimbus","email":"customer19@example.com","id":19,"mrr":1188.42,"name":"José Haddad","plan":"business","referred_by":190310,"renews_on":null,"seats":95,"signed_up_at":"2020-03-27T13:09:34Z","tags":[]}},{"hash":"9fefc93539062a21","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Café Olé","email":"customer20@example.com","id":20,"mrr":1775.46,"name":"Fatima Smith","plan":"business","referred_by":93637,"renews_on":"2026-01-16","seats":142,"signed_up_at":"2021-11-23T22:46:57Z","tags":["vip","beta"]}},{"hash":"740a1e695d4ffe91","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Nimbus","email":"customer21@example.com","id":21,"mrr":4600.18,"name":"José Hopper","plan":"team","referred_by":null,"renews_on":"2026-09-12","seats":368,"signed_up_at":"2024-05-30T02:28:00Z","tags":["vip","beta"]}},{"hash":"9251532c8c53f282","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Fjord & Co.","email":"customer22@example.com","id":22,"mrr":125.49,"name":"美咲 田中","plan":"enterprise","referred_by":null,"renews_on":null,"seats":10,"signed_up_at":"2020-01-02T10:55:01Z","tags":["vip","beta"]}},{"hash":"204d437cddd2bd12","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Café Olé","email":"customer23@example.com","id":23,"mrr":4675.59,"name":"Fatima Okafor","plan":"free","referred_by":null,"renews_on":"2026-05-15","seats":374,"signed_up_at":"2021-04-20T00:13:20Z","tags":[]}},{"hash":"b774d36db84c4632","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Fjord & Co.","email":"customer24@example.com","id":24,"mrr":513.15,"name":"Chinedu Ørsted","plan":"team","referred_by":null,"renews_on":"2026-10-27","seats":41,"signed_up_at":"2022-02-13T18:56:17Z","tags":[]}},{"hash":"6e5aa387ee7cb9a5","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Acme, Inc.","email":"customer25@example.com","id":25,"mrr":2962.68,"name":"Fatima García","plan":"free","referred_by":null,"renews_on":"2026-01-28","seats":237,"signed_up_at":"2023-08-14T12:23:30Z","tags":[]}},{"hash":"db0e5d444b70cec7","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Analytical Engines","email":"customer26@example.com","id":26,"mrr":1938.34,"name":"Chinedu Müller","plan":"enterprise","referred_by":null,"renews_on":"2026-02-05","seats":155,"signed_up_at":"2022-02-08T01:43:49Z","tags":[]}},{"hash":"84fdcd69c06776a2","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Café Olé","email":"customer27@example.com","id":27,"mrr":2838.07,"name":"José Hopper","plan":"free","referred_by":null,"renews_on":"2026-07-12","seats":227,"signed_up_at":"2023-10-07T14:59:41Z","tags":["vip","beta"]}},{"hash":"3cf18808cfa50cbe","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Nimbus","email":"customer28@example.com","id":28,"mrr":3713.32,"name":"Ada Haddad","plan":"free","referred_by":759473,"renews_on":"2026-09-13","seats":297,"signed_up_at":"2024-09-28T14:39:10Z","tags":["vip","beta"]}},{"hash":"a0d74291e3bccb51","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Nimbus","email":"customer29@example.com","id":29,"mrr":3563.22,"name":"Chinedu Haddad","plan":"business","referred_by":null,"renews_on":null,"seats":285,"signed_up_at":"2022-08-04T13:26:21Z","tags":["vip","beta"]}},{"hash":"7269ca1527e75670","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Acme, Inc.","email":"customer30@example.com","id":30,"mrr":2738.48,"name":"Søren O''Brien","plan":"free","referred_by":null,"renews_on":"2026-11-26","seats":219,"signed_up_at":"2021-09-25T11:54:01Z","tags":[]}},{"hash":"9f4768bb08b0551c","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Tōkyō Robotics","email":"customer31@example.com","id":31,"mrr":4675.04,"name":"Fatima Ørsted","plan":"enterprise","referred_by":null,"renews_on":"2026-09-15","seats":374,"signed_up_at":"2024-07-17T09:17:40Z","tags":[]}},{"hash":"2b2a8c108c963e47","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Nimbus","email":"customer32@example.com","id":32,"mrr":1750.94,"name":"李雷 O''Brien","plan":"enterprise","referred_by":null,"renews_on":"2026-06-15","seats":140,"signed_up_at":"2023-03-10T07:33:07Z","tags":[]}},{"hash":"a6eed49e8ce7a088","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Acme, Inc.","email":"customer33@example.com","id":33,"mrr":375.46,"name":"李雷 Smith","plan":"enterprise","referred_by":null,"renews_on":"2026-03-08","seats":30,"signed_up_at":"2023-09-05T06:31:45Z","tags":[]}},{"hash":"acde50081e389a58","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Nimbus","email":"customer34@example.com","id":34,"mrr":225.27,"name":"Zoë 田中","plan":"team","referred_by":null,"renews_on":null,"seats":18,"signed_up_at":"2024-09-19T14:42:56Z","tags":[]}},{"hash":"a5ba2da2da69a65b","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Blue \"Sky\" Ltd","email":"customer35@example.com","id":35,"mrr":2687.72,"name":"Søren Okafor","plan":"enterprise","referred_by":null,"renews_on":"2026-10-22","seats":215,"signed_up_at":"2022-12-11T13:29:27Z","tags":[]}},{"hash":"57eeb9e6d3396ad1","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Café Olé","email":"customer36@example.com","id":36,"mrr":3713.38,"name":"Ольга Haddad","plan":"team","referred_by":null,"renews_on":"2026-12-23","seats":297,"signed_up_at":"2024-01-14T14:48:48Z","tags":["vip","beta"]}},{"hash":"8ec5253060168f30","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Nimbus","email":"customer37@example.com","id":37,"mrr":4238.3,"name":"Ольга Ørsted","plan":"business","referred_by":null,"renews_on":"2026-09-26","seats":339,"signed_up_at":"2020-03-20T23:32:25Z","tags":[]}},{"hash":"d3ab7fd55aecc857","fields":{"active":false,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Acme, Inc.","email":"customer38@example.com","id":38,"mrr":5062.96,"name":"Ada O''Brien","plan":"team","referred_by":null,"renews_on":"2026-04-10","seats":405,"signed_up_at":"2020-02-21T07:01:57Z","tags":[]}},{"hash":"b01077290645e3dc","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Café Olé","email":"customer39@example.com","id":39,"mrr":5712.52,"name":"Ada O''Brien","plan":"team","referred_by":null,"renews_on":"2026-06-04","seats":457,"signed_up_at":"2020-02-23T05:55:40Z","tags":["vip","beta"]}},{"hash":"d623d1c8a2bea0d8","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Tōkyō Robotics","email":"customer40@example.com","id":40,"mrr":2050.83,"name":"Nguyễn 田中","plan":"team","referred_by":null,"renews_on":"2026-05-14","seats":164,"signed_up_at":"2023-02-28T00:29:39Z","tags":[]}},{"hash":"eee920d0695fe858","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Tōkyō Robotics","email":"customer41@example.com","id":41,"mrr":1888.14,"name":"Chinedu Haddad","plan":"team","referred_by":null,"renews_on":"2026-05-24","seats":151,"signed_up_at":"2023-05-30T19:46:39Z","tags":["vip","beta"]}},{"hash":"c516080e864edde6","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Analytical Engines","email":"customer42@example.com","id":42,"mrr":2475.45,"name":"Chinedu Петрова","plan":"team","referred_by":null,"renews_on":"2026-04-22","seats":198,"signed_up_at":"2023-10-02T10:55:52Z","tags":[]}},{"hash":"4387cc5787762751","fields":{"active":false,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Fjord & Co.","email":"customer43@example.com","id":43,"mrr":2975.88,"name":"Aoife O''Brien","plan":"free","referred_by":null,"renews_on":"2026-06-03","seats":238,"signed_up_at":"2020-09-08T08:27:23Z","tags":[]}},{"hash":"d9a807294d1e9af3","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Acme, Inc.","email":"customer44@example.com","id":44,"mrr":2075.09,"name":"Ada 田中","plan":"free","referred_by":null,"renews_on":"2026-09-22","seats":166,"signed_up_at":"2020-10-27T17:10:43Z","tags":["vip","beta"]}},{"hash":"92a4c82fb53b3e18","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Acme, Inc.","email":"customer45@example.com","id":45,"mrr":2088.25,"name":"Fatima Okafor","plan":"business","referred_by":null,"renews_on":null,"seats":167,"signed_up_at":"2024-05-17T18:57:56Z","tags":[]}},{"hash":"9c873e5f75295310","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Tōkyō Robotics","email":"customer46@example.com","id":46,"mrr":5037.89,"name":"Chinedu Haddad","plan":"team","referred_by":null,"renews_on":"2026-05-30","seats":403,"signed_up_at":"2023-01-02T12:21:47Z","tags":[]}},{"hash":"253414a85672ef9b","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Analytical Engines","email":"customer47@example.com","id":47,"mrr":1000.04,"name":"Grace García","plan":"free","referred_by":null,"renews_on":"2026-05-24","seats":80,"signed_up_at":"2023-05-04T06:14:42Z","tags":[]}},{"hash":"442a6adac4e6a9eb","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Analytical Engines","email":"customer48@example.com","id":48,"mrr":2012.62,"name":"Chinedu Hopper","plan":"enterprise","referred_by":null,"renews_on":"2026-10-23","seats":161,"signed_up_at":"2021-03-30T18:46:39Z","tags":[]}},{"hash":"360277ff3bd97978","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Acme, Inc.","email":"customer49@example.com","id":49,"mrr":987.9,"name":"Grace Lovelace","plan":"enterprise","referred_by":null,"renews_on":null,"seats":79,"signed_up_at":"2022-05-01T03:28:35Z","tags":["vip","beta"]}},{"hash":"bdb087ce47851065","fields":{"active":false,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Fjord & Co.","email":"customer50@example.com","id":50,"mrr":4825.04,"name":"美咲 Lovelace","plan":"business","referred_by":null,"renews_on":"2026-05-05","seats":386,"signed_up_at":"2023-12-17T21:27:16Z","tags":[]}}],"metadata":{}}}', NULL);
INSERT INTO polysink.envelopes_20261130 VALUES ('01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', 'one', 'sync.records', '5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '{}', 50, '127.0.0.1', 'Polytomic/rel2021.05.25 (polysink send)', 'stored', '{"event":"sync.records","object":{"id":"5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47","name":"Sample customers","records":[{"hash":"55a0df0d368754fd","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Acme, Inc.","email":"customer51@example.com","id":51,"mrr":3087.94,"name":"Ольга Müller","plan":"business","referred_by":null,"renews_on":null,"seats":247,"signed_up_at":"2020-08-25T04:47:17Z","tags":[]}},{"hash":"fffcfd7c5c04c480","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Analytical Engines","email":"customer52@example.com","id":52,"mrr":1512.5,"name":"Fatima Haddad","plan":"free","referred_by":null,"renews_on":"2026-12-26","seats":121,"signed_up_at":"2022-10-13T01:12:44Z","tags":[]}},{"hash":"d40ee62b12925a9e","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Tōkyō Robotics","email":"customer53@example.com","id":53,"mrr":4600.67,"name":"Grace Müller","plan":"business","referred_by":null,"renews_on":null,"seats":368,"signed_up_at":"2022-12-21T18:18:21Z","tags":[]}},{"hash":"2830862fba5ef52d","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Tōkyō Robotics","email":"customer54@example.com","id":54,"mrr":2013.28,"name":"Ada Ørsted","plan":"enterprise","referred_by":null,"renews_on":"2026-12-26","seats":161,"signed_up_at":"2023-06-04T21:03:49Z","tags":[]}},{"hash":"35c857b3a6c564ea","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Analytical Engines","email":"customer55@example.com","id":55,"mrr":4488.06,"name":"Ada 田中","plan":"business","referred_by":null,"renews_on":"2026-03-01","seats":359,"signed_up_at":"2022-12-03T12:17:47Z","tags":["vip","beta"]}},{"hash":"0fb7a7cbd1b24526","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Fjord & Co.","email":"customer56@example.com","id":56,"mrr":4038.12,"name":"Zoë Ørsted","plan":"free","referred_by":null,"renews_on":null,"seats":323,"signed_up_at":"2020-10-18T10:00:39Z","tags":["vip","beta"]}},{"hash":"03749c1bfabd0369","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Fjord & Co.","email":"customer57@example.com","id":57,"mrr":1438.42,"name":"Ada Hopper","plan":"enterprise","referred_by":null,"renews_on":null,"seats":115,"signed_up_at":"2021-10-04T17:05:39Z","tags":["vip","beta"]}},{"hash":"9a7ba1d0f5cc62c2","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Nimbus","email":"customer58@example.com","id":58,"mrr":3137.56,"name":"Ольга García","plan":"business","referred_by":null,"renews_on":"2026-04-17","seats":251,"signed_up_at":"2022-04-15T17:55:59Z","tags":["vip","beta"]}},{"hash":"7077a5b0485e5975","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Fjord & Co.","email":"customer59@example.com","id":59,"mrr":4100.8,"name":"Grace Okafor","plan":"free","referred_by":null,"renews_on":"2026-06-02","seats":328,"signed_up_at":"2020-12-09T09:13:47Z","tags":["vip","beta"]}},{"hash":"e0422636a5d8c077","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Nimbus","email":"customer60@example.com","id":60,"mrr":5137.97,"name":"José O''Brien","plan":"business","referred_by":737644,"renews_on":"2026-01-20","seats":411,"signed_up_at":"2022-08-26T09:20:26Z","tags":[]}},{"hash":"72ff7467029575a5","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Fjord & Co.","email":"customer61@example.com","id":61,"mrr":2800.2,"name":"Aoife Müller","plan":"free","referred_by":null,"renews_on":null,"seats":224,"signed_up_at":"2020-08-22T21:43:37Z","tags":[]}},{"hash":"b8c5ddfa19d40a34","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Tōkyō Robotics","email":"customer62@example.com","id":62,"mrr":1700.97,"name":"美咲 Smith","plan":"business","referred_by":null,"renews_on":"2026-01-26","seats":136,"signed_up_at":"2020-10-07T12:54:37Z","tags":["vip","beta"]}},{"hash":"1c0bc73174f7d743","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Blue \"Sky\" Ltd","email":"customer63@example.com","id":63,"mrr":4662.54,"name":"José Haddad","plan":"team","referred_by":null,"renews_on":null,"seats":373,"signed_up_at":"2021-12-30T01:41:45Z","tags":[]}},{"hash":"88bdc5f726da887e","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Blue \"Sky\" Ltd","email":"customer64@example.com","id":64,"mrr":5275.92,"name":"José Lovelace","plan":"business","referred_by":null,"renews_on":"2026-03-26","seats":422,"signed_up_at":"2020-06-03T21:28:20Z","tags":[]}},{"hash":"e0b2917a2925251e","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Nimbus","email":"customer65@example.com","id":65,"mrr":4263.44,"name":"Grace Smith","plan":"free","referred_by":null,"renews_on":"2026-04-13","seats":341,"signed_up_at":"2021-10-16T05:06:17Z","tags":[]}},{"hash":"5360ef164e8679aa","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Nimbus","email":"customer66@example.com","id":66,"mrr":4350.75,"name":"Ольга Hopper","plan":"team","referred_by":null,"renews_on":"2026-10-12","seats":348,"signed_up_at":"2021-01-10T05:55:05Z","tags":[]}},{"hash":"9dba7a3d2153f894","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Analytical Engines","email":"customer67@example.com","id":67,"mrr":2688.39,"name":"Nguyễn Müller","plan":"business","referred_by":319064,"renews_on":"2026-07-13","seats":215,"signed_up_at":"2022-09-19T22:09:25Z","tags":["vip","beta"]}},{"hash":"ecc89489e060ece6","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Acme, Inc.","email":"customer68@example.com","id":68,"mrr":6025.6,"name":"美咲 O''Brien","plan":"enterprise","referred_by":null,"renews_on":null,"seats":482,"signed_up_at":"2023-03-19T07:20:34Z","tags":[]}},{"hash":"94572a7589f7e4b7","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Fjord & Co.","email":"customer69@example.com","id":69,"mrr":1675.66,"name":"Ольга Haddad","plan":"business","referred_by":null,"renews_on":"2026-06-10","seats":134,"signed_up_at":"2020-02-10T06:02:29Z","tags":["vip","beta"]}},{"hash":"a15fa4f775904e88","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Nimbus","email":"customer70@example.com","id":70,"mrr":2750.21,"name":"Nguyễn O''Brien","plan":"free","referred_by":null,"renews_on":"2026-02-15","seats":220,"signed_up_at":"2024-04-03T14:23:20Z","tags":["vip","beta"]}},{"hash":"bcac17a55f14dced","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Nimbus","email":"customer71@example.com","id":71,"mrr":5762.66,"name":"Nguyễn O''Brien","plan":"business","referred_by":null,"renews_on":"2026-03-10","seats":461,"signed_up_at":"2022-09-08T00:49:21Z","tags":["vip","beta"]}},{"hash":"47eea7999d3d9da7","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Acme, Inc.","email":"customer72@example.com","id":72,"mrr":388.11,"name":"Fatima 田中","plan":"free","referred_by":183426,"renews_on":"2026-12-17","seats":31,"signed_up_at":"2022-06-25T08:09:07Z","tags":[]}},{"hash":"40c6492efb48590b","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Tōkyō Robotics","email":"customer73@example.com","id":73,"mrr":2075.39,"name":"Grace Ørsted","plan":"business","referred_by":null,"renews_on":"2026-06-07","seats":166,"signed_up_at":"2024-02-24T07:08:24Z","tags":[]}},{"hash":"4ecc0389516993c4","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Café Olé","email":"customer74@example.com","id":74,"mrr":3763.33,"name":"Grace Lovelace","plan":"business","referred_by":null,"renews_on":"2026-10-09","seats":301,"signed_up_at":"2020-04-17T00:25:08Z","tags":[]}},{"hash":"6d0589f23e77fb8c","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Nimbus","email":"customer75@example.com","id":75,"mrr":837.7,"name":"Ada Ørsted","plan":"enterprise","referred_by":null,"renews_on":"2026-11-18","seats":67,"signed_up_at":"2022-12-02T18:07:05Z","tags":[]}},{"hash":"c0eed863d3c7a248","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Blue \"Sky\" Ltd","email":"customer76@example.com","id":76,"mrr":1062.94,"name":"José O''Brien","plan":"business","referred_by":445609,"renews_on":"2026-12-14","seats":85,"signed_up_at":"2024-09-13T03:35:35Z","tags":["vip","beta"]}},{"hash":"952d91eea093ed12","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Nimbus","email":"customer77@example.com","id":77,"mrr":1288.33,"name":"美咲 Hopper","plan":"team","referred_by":null,"renews_on":"2026-08-06","seats":103,"signed_up_at":"2021-01-27T00:26:52Z","tags":[]}},{"hash":"af7ec597efbd3f22","fields":{"active":false,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Analytical Engines","email":"customer78@example.com","id":78,"mrr":275.4,"name":"Ольга Okafor","plan":"free","referred_by":null,"renews_on":null,"seats":22,"signed_up_at":"2023-07-03T12:01:34Z","tags":["vip","beta"]}},{"hash":"3aa2d807f6145335","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Analytical Engines","email":"customer79@example.com","id":79,"mrr":4412.73,"name":"李雷 Müller","plan":"enterprise","referred_by":null,"renews_on":"2026-07-22","seats":353,"signed_up_at":"2021-01-24T09:59:58Z","tags":[]}},{"hash":"9ef1ac67cc156618","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Acme, Inc.","email":"customer80@example.com","id":80,"mrr":3063.4,"name":"Aoife Ørsted","plan":"free","referred_by":null,"renews_on":"2026-09-08","seats":245,"signed_up_at":"2024-09-06T16:37:28Z","tags":[]}},{"hash":"b4c45b55b59d0fb3","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Blue \"Sky\" Ltd","email":"customer81@example.com","id":81,"mrr":4625.37,"name":"李雷 Haddad","plan":"free","referred_by":null,"renews_on":"2026-07-12","seats":370,"signed_up_at":"2023-03-31T18:03:05Z","tags":["vip","beta"]}},{"hash":"c5a5e8f93c66dfec","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Fjord & Co.","email":"customer82@example.com","id":82,"mrr":888.33,"name":"Grace 田中","plan":"free","referred_by":null,"renews_on":"2026-02-10","seats":71,"signed_up_at":"2020-08-25T03:34:40Z","tags":[]}},{"hash":"8fa0fb7ab81208d3","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Nimbus","email":"customer83@example.com","id":83,"mrr":1675.25,"name":"José Lovelace","plan":"business","referred_by":null,"renews_on":"2026-10-04","seats":134,"signed_up_at":"2020-12-08T21:44:24Z","tags":[]}},{"hash":"2db977c514f34487","fields":{"active":false,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Analytical Engines","email":"customer84@example.com","id":84,"mrr":6250.4,"name":"Aoife Hopper","plan":"enterprise","referred_by":null,"renews_on":null,"seats":500,"signed_up_at":"2022-12-02T00:15:08Z","tags":[]}},{"hash":"f07649d858d0d3a9","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Café Olé","email":"customer85@example.com","id":85,"mrr":3100.27,"name":"Fatima 田中","plan":"enterprise","referred_by":null,"renews_on":"2026-02-24","seats":248,"signed_up_at":"2021-11-30T08:51:11Z","tags":[]}},{"hash":"ca88fcd6cf847aea","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Tōkyō Robotics","email":"customer86@example.com","id":86,"mrr":3575.97,"name":"李雷 Haddad","plan":"business","referred_by":null,"renews_on":"2026-11-14","seats":286,"signed_up_at":"2022-08-31T13:03:31Z","tags":["vip","beta"]}},{"hash":"c62b6bfdd20a4aa1","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Fjord & Co.","email":"customer87@example.com","id":87,"mrr":5663.49,"name":"José García","plan":"free","referred_by":null,"renews_on":"2026-07-08","seats":453,"signed_up_at":"2020-02-19T19:28:19Z","tags":[]}},{"hash":"1dc1133ffd4d7e83","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Blue \"Sky\" Ltd","email":"customer88@example.com","id":88,"mrr":1437.72,"name":"Ольга Müller","plan":"team","referred_by":null,"renews_on":"2026-06-19","seats":115,"signed_up_at":"2024-08-09T04:05:19Z","tags":[]}},{"hash":"eb0fc1ecb0dac846","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Acme, Inc.","email":"customer89@example.com","id":89,"mrr":325.1,"name":"Søren García","plan":"team","referred_by":null,"renews_on":"2026-11-18","seats":26,"signed_up_at":"2024-06-27T13:53:54Z","tags":[]}},{"hash":"98cecb854508c99f","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Tōkyō Robotics","email":"customer90@example.com","id":90,"mrr":5538.23,"name":"美咲 Ørsted","plan":"free","referred_by":null,"renews_on":"2026-03-28","seats":443,"signed_up_at":"2022-10-29T22:35:13Z","tags":[]}},{"hash":"dd76760f664433ca","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Tōkyō Robotics","email":"customer91@example.com","id":91,"mrr":1213.3,"name":"Ada Okafor","plan":"business","referred_by":null,"renews_on":"2026-06-27","seats":97,"signed_up_at":"2020-10-18T04:32:08Z","tags":[]}},{"hash":"50a053135cc8cc88","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Café Olé","email":"customer92@example.com","id":92,"mrr":1838.39,"name":"Zoë Lovelace","plan":"free","referred_by":null,"renews_on":"2026-06-11","seats":147,"signed_up_at":"2021-07-14T18:06:46Z","tags":[]}},{"hash":"01c51219cf88687c","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Fjord & Co.","email":"customer93@example.com","id":93,"mrr":5262.55,"name":"Nguyễn Петрова","plan":"business","referred_by":null,"renews_on":null,"seats":421,"signed_up_at":"2023-04-14T20:39:41Z","tags":["vip","beta"]}},{"hash":"96c4b1624170d8dd","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Acme, Inc.","email":"customer94@example.com","id":94,"mrr":1950.65,"name":"美咲 Müller","plan":"business","referred_by":null,"renews_on":null,"seats":156,"signed_up_at":"2022-08-28T23:05:35Z","tags":[]}},{"hash":"7037773b02d21291","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Nimbus","email":"customer95@example.com","id":95,"mrr":3888.49,"name":"李雷 Ørsted","plan":"team","referred_by":null,"renews_on":"2026-06-09","seats":311,"signed_up_at":"2021-05-16T14:38:14Z","tags":[]}},{"hash":"dba1a5246e7e387c","fields":{"active":false,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Tōkyō Robotics","email":"customer96@example.com","id":96,"mrr":4775.15,"name":"Zoë Müller","plan":"business","referred_by":null,"renews_on":"2026-08-07","seats":382,"signed_up_at":"2023-05-13T15:29:14Z","tags":[]}},{"hash":"12238f5bff157c92","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Analytical Engines","email":"customer97@example.com","id":97,"mrr":6013.35,"name":"Søren García","plan":"free","referred_by":null,"renews_on":"2026-11-11","seats":481,"signed_up_at":"2024-08-15T04:45:49Z","tags":[]}},{"hash":"a219a7390d9784fa","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Tōkyō Robotics","email":"customer98@example.com","id":98,"mrr":4850.37,"name":"Fatima García","plan":"free","referred_by":null,"renews_on":"2026-12-02","seats":388,"signed_up_at":"2020-01-12T10:37:54Z","tags":[]}},{"hash":"959fdb51e5ae88bf","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Acme, Inc.","email":"customer99@example.com","id":99,"mrr":2075.07,"name":"李雷 Ørsted","plan":"business","referred_by":null,"renews_on":"2026-02-25","seats":166,"signed_up_at":"2024-07-13T19:13:50Z","tags":["vip","beta"]}},{"hash":"bcc6799bd9d26387","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Acme, Inc.","email":"customer100@example.com","id":100,"mrr":4763.08,"name":"Grace Lovelace","plan":"enterprise","referred_by":null,"renews_on":"2026-04-02","seats":381,"signed_up_at":"2023-07-26T11:14:46Z","tags":["vip","beta"]}}],"metadata":{}}}', NULL);
INSERT INTO polysink.envelopes_20261130 VALUES ('01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', 'one', 'sync.records', '5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '{}', 50, '127.0.0.1', 'Polytomic/rel2021.05.25 (polysink send)', 'stored', '{"event":"sync.records","object":{"id":"5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47","name":"Sample customers","records":[{"hash":"292b2a2829a76197","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Tōkyō Robotics","email":"customer101@example.com","id":101,"mrr":4375.99,"name":"Grace O''Brien","plan":"free","referred_by":563361,"renews_on":"2026-12-09","seats":350,"signed_up_at":"2020-09-01T12:15:30Z","tags":[]}},{"hash":"41eb15abdad8707f","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Café Olé","email":"customer102@example.com","id":102,"mrr":563.43,"name":"李雷 Hopper","plan":"enterprise","referred_by":null,"renews_on":"2026-12-15","seats":45,"signed_up_at":"2021-06-20T00:51:11Z","tags":[]}},{"hash":"4535074d2074fdd4","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Analytical Engines","email":"customer103@example.com","id":103,"mrr":3188.25,"name":"José Ørsted","plan":"enterprise","referred_by":79840,"renews_on":"2026-04-18","seats":255,"signed_up_at":"2021-02-20T15:46:34Z","tags":[]}},{"hash":"692c0cd01550ce2b","fields":{"active":false,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Fjord & Co.","email":"customer104@example.com","id":104,"mrr":5175.69,"name":"Aoife Петрова","plan":"free","referred_by":null,"renews_on":null,"seats":414,"signed_up_at":"2024-09-19T08:34:25Z","tags":[]}},{"hash":"c3c30210e0651891","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Blue \"Sky\" Ltd","email":"customer105@example.com","id":105,"mrr":2637.99,"name":"Zoë O''Brien","plan":"enterprise","referred_by":null,"renews_on":"2026-12-12","seats":211,"signed_up_at":"2024-02-11T19:21:27Z","tags":[]}},{"hash":"45fe036396cd7cf9","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Fjord & Co.","email":"customer106@example.com","id":106,"mrr":4162.7,"name":"Aoife García","plan":"free","referred_by":null,"renews_on":null,"seats":333,"signed_up_at":"2021-01-22T00:40:21Z","tags":[]}},{"hash":"e6363b9b9bc65aa9","fields":{"active":false,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Fjord & Co.","email":"customer107@example.com","id":107,"mrr":5775.7,"name":"Nguyễn Ørsted","plan":"business","referred_by":null,"renews_on":"2026-04-16","seats":462,"signed_up_at":"2020-08-30T17:51:07Z","tags":[]}},{"hash":"d0c4f486938057ac","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Acme, Inc.","email":"customer108@example.com","id":108,"mrr":4425.78,"name":"Aoife Ørsted","plan":"business","referred_by":null,"renews_on":"2026-12-17","seats":354,"signed_up_at":"2020-01-13T03:28:00Z","tags":[]}},{"hash":"b3f37e6d3c332c2f","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Analytical Engines","email":"customer109@example.com","id":109,"mrr":1025.81,"name":"美咲 O''Brien","plan":"business","referred_by":null,"renews_on":"2026-12-12","seats":82,"signed_up_at":"2023-02-19T16:31:39Z","tags":[]}},{"hash":"eaa08be3efc87200","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Blue \"Sky\" Ltd","email":"customer110@example.com","id":110,"mrr":3238.13,"name":"Zoë Lovelace","plan":"free","referred_by":null,"renews_on":null,"seats":259,"signed_up_at":"2020-11-19T22:31:20Z","tags":[]}},{"hash":"596f42551c3ab3cd","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Analytical Engines","email":"customer111@example.com","id":111,"mrr":5000.03,"name":"Aoife Okafor","plan":"enterprise","referred_by":null,"renews_on":"2026-05-27","seats":400,"signed_up_at":"2023-03-24T21:31:20Z","tags":["vip","beta"]}},{"hash":"a5afcc1922d4481e","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Tōkyō Robotics","email":"customer112@example.com","id":112,"mrr":5350.77,"name":"美咲 Okafor","plan":"business","referred_by":null,"renews_on":"2026-12-07","seats":428,"signed_up_at":"2020-07-24T17:33:24Z","tags":[]}},{"hash":"f5b87992ad3f0db6","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Fjord & Co.","email":"customer113@example.com","id":113,"mrr":613.14,"name":"Grace Müller","plan":"free","referred_by":226037,"renews_on":"2026-01-31","seats":49,"signed_up_at":"2023-03-15T07:25:51Z","tags":["vip","beta"]}},{"hash":"c883dff69555423f","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Tōkyō Robotics","email":"customer114@example.com","id":114,"mrr":2688.22,"name":"Chinedu García","plan":"enterprise","referred_by":null,"renews_on":null,"seats":215,"signed_up_at":"2022-07-07T01:21:25Z","tags":["vip","beta"]}},{"hash":"b3ae5b0b258b857d","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Nimbus","email":"customer115@example.com","id":115,"mrr":6063.26,"name":"Chinedu Ørsted","plan":"business","referred_by":null,"renews_on":"2026-04-30","seats":485,"signed_up_at":"2020-10-21T18:51:51Z","tags":[]}},{"hash":"be7f6e64e40c767a","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Nimbus","email":"customer116@example.com","id":116,"mrr":2387.97,"name":"Søren O''Brien","plan":"business","referred_by":null,"renews_on":"2026-07-02","seats":191,"signed_up_at":"2023-08-22T01:43:19Z","tags":["vip","beta"]}},{"hash":"35dbe80602b2dd65","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Analytical Engines","email":"customer117@example.com","id":117,"mrr":1725.24,"name":"Chinedu Haddad","plan":"business","referred_by":null,"renews_on":null,"seats":138,"signed_up_at":"2022-08-11T07:32:32Z","tags":["vip","beta"]}},{"hash":"4732d6d1cc88ec9e","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Café Olé","email":"customer118@example.com","id":118,"mrr":5537.6,"name":"Zoë Ørsted","plan":"enterprise","referred_by":null,"renews_on":"2026-07-30","seats":443,"signed_up_at":"2024-08-19T04:28:20Z","tags":[]}},{"hash":"411b714d17a1da7a","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Nimbus","email":"customer119@example.com","id":119,"mrr":2537.54,"name":"Zoë O''Brien","plan":"free","referred_by":null,"renews_on":"2026-01-31","seats":203,"signed_up_at":"2023-08-13T04:17:19Z","tags":["vip","beta"]}},{"hash":"c0a97d31a0acc112","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Fjord & Co.","email":"customer120@example.com","id":120,"mrr":3562.91,"name":"Aoife Haddad","plan":"business","referred_by":null,"renews_on":"2026-07-02","seats":285,"signed_up_at":"2021-04-18T05:19:52Z","tags":[]}},{"hash":"e5207e328d084fa6","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Fjord & Co.","email":"customer121@example.com","id":121,"mrr":5025.7,"name":"Chinedu Hopper","plan":"team","referred_by":null,"renews_on":"2026-01-07","seats":402,"signed_up_at":"2022-03-21T16:41:23Z","tags":[]}},{"hash":"7d581e49bcd07349","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Acme, Inc.","email":"customer122@example.com","id":122,"mrr":1413.2,"name":"Fatima O''Brien","plan":"enterprise","referred_by":null,"renews_on":"2026-01-03","seats":113,"signed_up_at":"2021-12-25T17:13:34Z","tags":["vip","beta"]}},{"hash":"27712740616c3e33","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Fjord & Co.","email":"customer123@example.com","id":123,"mrr":3225.58,"name":"Ольга O''Brien","plan":"free","referred_by":805717,"renews_on":"2026-03-24","seats":258,"signed_up_at":"2023-11-21T19:32:16Z","tags":["vip","beta"]}},{"hash":"6be529af42bbdf15","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Nimbus","email":"customer124@example.com","id":124,"mrr":2038.18,"name":"Chinedu Okafor","plan":"free","referred_by":null,"renews_on":null,"seats":163,"signed_up_at":"2021-08-23T10:46:48Z","tags":["vip","beta"]}},{"hash":"599d896d7ed0cdf2","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Café Olé","email":"customer125@example.com","id":125,"mrr":1913.11,"name":"李雷 García","plan":"team","referred_by":null,"renews_on":null,"seats":153,"signed_up_at":"2024-06-03T00:34:48Z","tags":[]}},{"hash":"555cbe8f37d108f2","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Analytical Engines","email":"customer126@example.com","id":126,"mrr":725.65,"name":"Ольга Okafor","plan":"free","referred_by":null,"renews_on":null,"seats":58,"signed_up_at":"2022-07-24T16:41:16Z","tags":["vip","beta"]}},{"hash":"8af5269804941788","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Tōkyō Robotics","email":"customer127@example.com","id":127,"mrr":4525.94,"name":"Zoë García","plan":"enterprise","referred_by":null,"renews_on":"2026-08-25","seats":362,"signed_up_at":"2020-09-23T14:59:51Z","tags":[]}},{"hash":"e7d2f117cc51a8f6","fields":{"active":false,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Nimbus","email":"customer128@example.com","id":128,"mrr":5525.69,"name":"Zoë Okafor","plan":"free","referred_by":null,"renews_on":null,"seats":442,"signed_up_at":"2022-06-14T16:58:56Z","tags":[]}},{"hash":"9515d1e57451cb0a","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Analytical Engines","email":"customer129@example.com","id":129,"mrr":2975.1,"name":"Søren Ørsted","plan":"team","referred_by":982916,"renews_on":"2026-08-13","seats":238,"signed_up_at":"2022-03-25T03:47:26Z","tags":["vip","beta"]}},{"hash":"ff961da705e165f2","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Café Olé","email":"customer130@example.com","id":130,"mrr":2050.62,"name":"李雷 Петрова","plan":"team","referred_by":null,"renews_on":"2026-07-03","seats":164,"signed_up_at":"2021-08-22T07:28:23Z","tags":[]}},{"hash":"d26f377b5b12d16a","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Café Olé","email":"customer131@example.com","id":131,"mrr":750.07,"name":"Aoife O''Brien","plan":"team","referred_by":null,"renews_on":"2026-12-26","seats":60,"signed_up_at":"2022-07-08T17:47:55Z","tags":[]}},{"hash":"1ddea05de3a83762","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Tōkyō Robotics","email":"customer132@example.com","id":132,"mrr":5825.47,"name":"Zoë Smith","plan":"team","referred_by":454885,"renews_on":null,"seats":466,"signed_up_at":"2024-04-08T07:08:55Z","tags":["vip","beta"]}},{"hash":"ce075098623d4a21","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Tōkyō Robotics","email":"customer133@example.com","id":133,"mrr":5363.32,"name":"Grace O''Brien","plan":"enterprise","referred_by":669233,"renews_on":"2026-01-18","seats":429,"signed_up_at":"2021-10-18T17:12:22Z","tags":["vip","beta"]}},{"hash":"63d50424b6d2673f","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Acme, Inc.","email":"customer134@example.com","id":134,"mrr":212.8,"name":"Fatima Lovelace","plan":"enterprise","referred_by":null,"renews_on":"2026-12-24","seats":17,"signed_up_at":"2021-08-02T16:15:55Z","tags":["vip","beta"]}},{"hash":"9822cbdd0fc0691c","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Blue \"Sky\" Ltd","email":"customer135@example.com","id":135,"mrr":5425.52,"name":"Chinedu García","plan":"business","referred_by":null,"renews_on":"2026-10-28","seats":434,"signed_up_at":"2020-05-01T02:28:46Z","tags":["vip","beta"]}},{"hash":"65ca6c6375ca2767","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Tōkyō Robotics","email":"customer136@example.com","id":136,"mrr":3000.77,"name":"Nguyễn Müller","plan":"enterprise","referred_by":null,"renews_on":null,"seats":240,"signed_up_at":"2021-10-31T16:02:49Z","tags":[]}},{"hash":"5540e1e1dcfa8e72","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Fjord & Co.","email":"customer137@example.com","id":137,"mrr":4425.09,"name":"Nguyễn Петрова","plan":"team","referred_by":105800,"renews_on":"2026-09-28","seats":354,"signed_up_at":"2024-09-23T07:12:21Z","tags":[]}},{"hash":"b8e0a49de2353c55","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Tōkyō Robotics","email":"customer138@example.com","id":138,"mrr":5263.28,"name":"Ada García","plan":"enterprise","referred_by":null,"renews_on":"2026-06-05","seats":421,"signed_up_at":"2021-04-02T13:04:37Z","tags":["vip","beta"]}},{"hash":"7912d7253ce344f9","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Café Olé","email":"customer139@example.com","id":139,"mrr":1862.95,"name":"Nguyễn 田中","plan":"business","referred_by":null,"renews_on":"2026-05-21","seats":149,"signed_up_at":"2024-03-08T20:09:53Z","tags":[]}},{"hash":"c9c644898a90aa1a","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Acme, Inc.","email":"customer140@example.com","id":140,"mrr":3137.6,"name":"Søren Smith","plan":"free","referred_by":null,"renews_on":"2026-09-04","seats":251,"signed_up_at":"2023-09-15T06:10:15Z","tags":[]}},{"hash":"8e40a2ab0086302b","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Blue \"Sky\" Ltd","email":"customer141@example.com","id":141,"mrr":612.7,"name":"José Hopper","plan":"team","referred_by":null,"renews_on":"2026-04-07","seats":49,"signed_up_at":"2024-04-12T21:37:51Z","tags":["vip","beta"]}},{"hash":"9d4b62d1eddd7912","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Nimbus","email":"customer142@example.com","id":142,"mrr":112.67,"name":"Nguyễn O''Brien","plan":"business","referred_by":null,"renews_on":"2026-01-07","seats":9,"signed_up_at":"2021-01-18T04:56:32Z","tags":[]}},{"hash":"21a29baccff032fa","fields":{"active":false,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Nimbus","email":"customer143@example.com","id":143,"mrr":5325.44,"name":"Nguyễn Ørsted","plan":"enterprise","referred_by":null,"renews_on":null,"seats":426,"signed_up_at":"2021-04-02T02:11:34Z","tags":["vip","beta"]}},{"hash":"c3ca440e5f27dd07","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Acme, Inc.","email":"customer144@example.com","id":144,"mrr":4225.36,"name":"Fatima Smith","plan":"enterprise","referred_by":null,"renews_on":"2026-03-05","seats":338,"signed_up_at":"2021-11-09T05:37:33Z","tags":[]}},{"hash":"74e61769aa2e4062","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Nimbus","email":"customer145@example.com","id":145,"mrr":4113.46,"name":"Ada Okafor","plan":"business","referred_by":null,"renews_on":"2026-05-16","seats":329,"signed_up_at":"2024-05-08T01:51:32Z","tags":[]}},{"hash":"6a00267c741d7e8f","fields":{"active":false,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Analytical Engines","email":"customer146@example.com","id":146,"mrr":1588.42,"name":"Fatima Петрова","plan":"enterprise","referred_by":null,"renews_on":null,"seats":127,"signed_up_at":"2022-04-24T11:52:03Z","tags":[]}},{"hash":"7ab6688dbaec2125","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Nimbus","email":"customer147@example.com","id":147,"mrr":5175.06,"name":"Nguyễn Smith","plan":"team","referred_by":null,"renews_on":null,"seats":414,"signed_up_at":"2020-12-01T07:26:05Z","tags":[]}},{"hash":"d8d648dab206cc28","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Fjord & Co.","email":"customer148@example.com","id":148,"mrr":1400.06,"name":"Grace Okafor","plan":"team","referred_by":null,"renews_on":"2026-10-18","seats":112,"signed_up_at":"2022-01-20T17:07:05Z","tags":["vip","beta"]}},{"hash":"538524b7fbbbf394","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Tōkyō Robotics","email":"customer149@example.com","id":149,"mrr":2325.09,"name":"美咲 Smith","plan":"business","referred_by":null,"renews_on":"2026-06-27","seats":186,"signed_up_at":"2020-09-11T21:12:54Z","tags":["vip","beta"]}},{"hash":"b35e131dbfb3f1b4","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Analytical Engines","email":"customer150@example.com","id":150,"mrr":5225.79,"name":"Søren 田中","plan":"free","referred_by":null,"renews_on":null,"seats":418,"signed_up_at":"2024-03-19T20:19:11Z","tags":["vip","beta"]}}],"metadata":{}}}', NULL);
INSERT INTO polysink.envelopes_20261130 VALUES ('01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', 'one', 'sync.records', '5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '{}', 50, '127.0.0.1', 'Polytomic/rel2021.05.25 (polysink send)', 'stored', '{"event":"sync.records","object":{"id":"5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47","name":"Sample customers","records":[{"hash":"0b44049269aaa077","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Café Olé","email":"customer151@example.com","id":151,"mrr":6150.1,"name":"美咲 O''Brien","plan":"team","referred_by":130411,"renews_on":"2026-03-10","seats":492,"signed_up_at":"2024-09-19T00:54:39Z","tags":[]}},{"hash":"fb2a9a2f997f5233","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Tōkyō Robotics","email":"customer152@example.com","id":152,"mrr":3537.85,"name":"Chinedu García","plan":"enterprise","referred_by":null,"renews_on":"2026-01-09","seats":283,"signed_up_at":"2020-02-25T07:06:51Z","tags":[]}},{"hash":"bcedbf357f9dc373","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Fjord & Co.","email":"customer153@example.com","id":153,"mrr":3837.91,"name":"Chinedu Lovelace","plan":"team","referred_by":null,"renews_on":"2026-06-12","seats":307,"signed_up_at":"2023-11-12T09:51:17Z","tags":[]}},{"hash":"74aa8e5bdff7eb16","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Acme, Inc.","email":"customer154@example.com","id":154,"mrr":5275.95,"name":"José Haddad","plan":"business","referred_by":null,"renews_on":"2026-12-18","seats":422,"signed_up_at":"2020-05-25T02:15:48Z","tags":[]}},{"hash":"b6b7202909da4247","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Nimbus","email":"customer155@example.com","id":155,"mrr":4400.59,"name":"Søren Hopper","plan":"team","referred_by":null,"renews_on":"2026-04-28","seats":352,"signed_up_at":"2021-05-18T14:47:10Z","tags":[]}},{"hash":"4f8ebdb379e2fcc8","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Blue \"Sky\" Ltd","email":"customer156@example.com","id":156,"mrr":4463.47,"name":"Ольга O''Brien","plan":"business","referred_by":628713,"renews_on":null,"seats":357,"signed_up_at":"2022-11-03T10:06:46Z","tags":["vip","beta"]}},{"hash":"f901fc12eaec1d9d","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Blue \"Sky\" Ltd","email":"customer157@example.com","id":157,"mrr":5975.69,"name":"Søren Lovelace","plan":"business","referred_by":null,"renews_on":null,"seats":478,"signed_up_at":"2023-04-20T12:55:40Z","tags":[]}},{"hash":"dd74b22ceef05f3e","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Nimbus","email":"customer158@example.com","id":158,"mrr":2275.53,"name":"Ada Okafor","plan":"free","referred_by":955710,"renews_on":"2026-09-16","seats":182,"signed_up_at":"2024-06-13T19:38:18Z","tags":["vip","beta"]}},{"hash":"6fa5858e7fd57c88","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Café Olé","email":"customer159@example.com","id":159,"mrr":5450.77,"name":"美咲 Haddad","plan":"enterprise","referred_by":null,"renews_on":"2026-06-01","seats":436,"signed_up_at":"2022-06-06T22:43:53Z","tags":[]}},{"hash":"5d36be1b7a51f684","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Nimbus","email":"customer160@example.com","id":160,"mrr":3713.45,"name":"Chinedu 田中","plan":"enterprise","referred_by":908397,"renews_on":"2026-09-07","seats":297,"signed_up_at":"2021-09-10T05:16:57Z","tags":[]}},{"hash":"073318bf7a434fd6","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Tōkyō Robotics","email":"customer161@example.com","id":161,"mrr":2100.24,"name":"美咲 O''Brien","plan":"team","referred_by":null,"renews_on":"2026-10-06","seats":168,"signed_up_at":"2023-06-09T14:12:48Z","tags":[]}},{"hash":"37dd73ecc5e42095","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Nimbus","email":"customer162@example.com","id":162,"mrr":3050.37,"name":"Ольга O''Brien","plan":"enterprise","referred_by":null,"renews_on":"2026-12-12","seats":244,"signed_up_at":"2023-02-12T19:47:51Z","tags":["vip","beta"]}},{"hash":"37b34a363856cc3a","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Tōkyō Robotics","email":"customer163@example.com","id":163,"mrr":3237.85,"name":"Ольга 田中","plan":"free","referred_by":null,"renews_on":"2026-07-09","seats":259,"signed_up_at":"2023-02-03T13:13:48Z","tags":["vip","beta"]}},{"hash":"a7ca3ad15dc5e30d","fields":{"active":false,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Blue \"Sky\" Ltd","email":"customer164@example.com","id":164,"mrr":2875.78,"name":"Zoë Smith","plan":"enterprise","referred_by":null,"renews_on":"2026-01-01","seats":230,"signed_up_at":"2020-06-17T09:26:58Z","tags":["vip","beta"]}},{"hash":"46023c5106841571","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Café Olé","email":"customer165@example.com","id":165,"mrr":5063.39,"name":"José Smith","plan":"team","referred_by":null,"renews_on":"2026-09-26","seats":405,"signed_up_at":"2020-03-30T20:49:04Z","tags":[]}},{"hash":"2cce354a6088ea2e","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Café Olé","email":"customer166@example.com","id":166,"mrr":462.98,"name":"Zoë Smith","plan":"business","referred_by":null,"renews_on":"2026-04-12","seats":37,"signed_up_at":"2020-03-19T09:03:43Z","tags":[]}},{"hash":"59a8031ef2bb2818","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Blue \"Sky\" Ltd","email":"customer167@example.com","id":167,"mrr":2338.29,"name":"José Haddad","plan":"enterprise","referred_by":null,"renews_on":"2026-04-15","seats":187,"signed_up_at":"2024-01-25T03:32:07Z","tags":[]}},{"hash":"b33139d58f5e4e05","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Analytical Engines","email":"customer168@example.com","id":168,"mrr":2625.78,"name":"Grace Lovelace","plan":"free","referred_by":null,"renews_on":"2026-08-15","seats":210,"signed_up_at":"2020-04-09T18:15:18Z","tags":["vip","beta"]}},{"hash":"c927abc49ba8414c","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Analytical Engines","email":"customer169@example.com","id":169,"mrr":637.68,"name":"Fatima Smith","plan":"business","referred_by":null,"renews_on":"2026-10-08","seats":51,"signed_up_at":"2024-05-08T16:52:19Z","tags":[]}},{"hash":"736627844473ca42","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Tōkyō Robotics","email":"customer170@example.com","id":170,"mrr":4350.11,"name":"Nguyễn Lovelace","plan":"enterprise","referred_by":128366,"renews_on":"2026-07-11","seats":348,"signed_up_at":"2023-02-19T01:05:50Z","tags":[]}},{"hash":"edcffd23af34825b","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Tōkyō Robotics","email":"customer171@example.com","id":171,"mrr":2625.35,"name":"Zoë Haddad","plan":"enterprise","referred_by":null,"renews_on":"2026-01-25","seats":210,"signed_up_at":"2022-10-01T11:55:35Z","tags":["vip","beta"]}},{"hash":"fb1a8eedecd0123b","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Café Olé","email":"customer172@example.com","id":172,"mrr":4500.76,"name":"Grace Lovelace","plan":"business","referred_by":null,"renews_on":"2026-03-21","seats":360,"signed_up_at":"2020-08-26T18:29:20Z","tags":["vip","beta"]}},{"hash":"6bcd4bd83a7d6b82","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Acme, Inc.","email":"customer173@example.com","id":173,"mrr":4450.94,"name":"Nguyễn Петрова","plan":"business","referred_by":null,"renews_on":null,"seats":356,"signed_up_at":"2021-03-19T03:58:48Z","tags":["vip","beta"]}},{"hash":"a1f438be720b2f30","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Fjord & Co.","email":"customer174@example.com","id":174,"mrr":2275.02,"name":"Chinedu Haddad","plan":"business","referred_by":null,"renews_on":"2026-03-05","seats":182,"signed_up_at":"2022-07-18T02:13:35Z","tags":[]}},{"hash":"e6515b65b1783cf3","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Blue \"Sky\" Ltd","email":"customer175@example.com","id":175,"mrr":1250.95,"name":"Ольга 田中","plan":"business","referred_by":null,"renews_on":null,"seats":100,"signed_up_at":"2022-07-06T08:34:29Z","tags":[]}},{"hash":"636966c1a26def9e","fields":{"active":false,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Fjord & Co.","email":"customer176@example.com","id":176,"mrr":2488.02,"name":"Zoë Ørsted","plan":"enterprise","referred_by":934483,"renews_on":null,"seats":199,"signed_up_at":"2021-10-03T09:18:48Z","tags":[]}},{"hash":"eea2226921c8dc43","fields":{"active":false,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Tōkyō Robotics","email":"customer177@example.com","id":177,"mrr":688.3,"name":"李雷 Müller","plan":"business","referred_by":null,"renews_on":null,"seats":55,"signed_up_at":"2022-04-07T03:00:16Z","tags":[]}},{"hash":"f5b6f6334a38a862","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Acme, Inc.","email":"customer178@example.com","id":178,"mrr":3275.96,"name":"Aoife Петрова","plan":"free","referred_by":null,"renews_on":"2026-01-09","seats":262,"signed_up_at":"2022-11-22T20:15:33Z","tags":[]}},{"hash":"ac49847d1cddc77f","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Tōkyō Robotics","email":"customer179@example.com","id":179,"mrr":5212.61,"name":"José Петрова","plan":"enterprise","referred_by":null,"renews_on":"2026-02-25","seats":417,"signed_up_at":"2022-01-26T18:15:58Z","tags":["vip","beta"]}},{"hash":"03c5213b58603678","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Tōkyō Robotics","email":"customer180@example.com","id":180,"mrr":2875.05,"name":"Nguyễn 田中","plan":"business","referred_by":null,"renews_on":"2026-10-24","seats":230,"signed_up_at":"2021-08-15T18:39:49Z","tags":[]}},{"hash":"570712ad50f10374","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Acme, Inc.","email":"customer181@example.com","id":181,"mrr":2350.59,"name":"Søren Smith","plan":"free","referred_by":null,"renews_on":"2026-05-03","seats":188,"signed_up_at":"2023-06-22T15:31:34Z","tags":[]}},{"hash":"9d6cd0b10553bab4","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Blue \"Sky\" Ltd","email":"customer182@example.com","id":182,"mrr":2438.27,"name":"José O''Brien","plan":"enterprise","referred_by":null,"renews_on":"2026-03-30","seats":195,"signed_up_at":"2023-08-27T12:41:56Z","tags":[]}},{"hash":"cc0b4da63a7ead1f","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Nimbus","email":"customer183@example.com","id":183,"mrr":3950.48,"name":"Grace O''Brien","plan":"enterprise","referred_by":199116,"renews_on":null,"seats":316,"signed_up_at":"2021-12-21T15:39:22Z","tags":[]}},{"hash":"3fecc67907c78d27","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Fjord & Co.","email":"customer184@example.com","id":184,"mrr":1050.72,"name":"Ada García","plan":"business","referred_by":null,"renews_on":null,"seats":84,"signed_up_at":"2021-01-05T14:46:57Z","tags":[]}},{"hash":"72f4e2ae58854561","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Acme, Inc.","email":"customer185@example.com","id":185,"mrr":738.06,"name":"Ольга Петрова","plan":"enterprise","referred_by":null,"renews_on":null,"seats":59,"signed_up_at":"2022-04-17T00:23:11Z","tags":["vip","beta"]}},{"hash":"e880ceb95fe560e2","fields":{"active":false,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Café Olé","email":"customer186@example.com","id":186,"mrr":3475.3,"name":"José Петрова","plan":"enterprise","referred_by":null,"renews_on":"2026-09-27","seats":278,"signed_up_at":"2023-04-27T03:28:45Z","tags":[]}},{"hash":"287f3431d3b1addc","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Blue \"Sky\" Ltd","email":"customer187@example.com","id":187,"mrr":1713.45,"name":"Søren Lovelace","plan":"free","referred_by":442718,"renews_on":"2026-01-12","seats":137,"signed_up_at":"2021-08-18T19:17:45Z","tags":[]}},{"hash":"dfd895fca447dae6","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Acme, Inc.","email":"customer188@example.com","id":188,"mrr":1950.28,"name":"Aoife García","plan":"enterprise","referred_by":471772,"renews_on":"2026-06-15","seats":156,"signed_up_at":"2023-09-07T02:31:34Z","tags":[]}},{"hash":"db2acee291944130","fields":{"active":true,"address":{"city":"京都","country":"JP","postcode":"600-8216"},"company":"Tōkyō Robotics","email":"customer189@example.com","id":189,"mrr":4362.84,"name":"Zoë Hopper","plan":"team","referred_by":465648,"renews_on":null,"seats":349,"signed_up_at":"2020-06-23T18:05:24Z","tags":[]}},{"hash":"c99a6973f6912634","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Café Olé","email":"customer190@example.com","id":190,"mrr":1925.04,"name":"Fatima Okafor","plan":"free","referred_by":null,"renews_on":"2026-03-27","seats":154,"signed_up_at":"2022-12-09T21:35:02Z","tags":[]}},{"hash":"31e4b5e1243707d8","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Fjord & Co.","email":"customer191@example.com","id":191,"mrr":2200.02,"name":"李雷 Петрова","plan":"free","referred_by":null,"renews_on":null,"seats":176,"signed_up_at":"2024-01-12T04:03:53Z","tags":[]}},{"hash":"977a4d4b5933994c","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Tōkyō Robotics","email":"customer192@example.com","id":192,"mrr":3637.76,"name":"Fatima Okafor","plan":"business","referred_by":null,"renews_on":"2026-11-02","seats":291,"signed_up_at":"2021-05-24T01:33:52Z","tags":["vip","beta"]}},{"hash":"ca4676937aec83a1","fields":{"active":false,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Analytical Engines","email":"customer193@example.com","id":193,"mrr":2688.26,"name":"Ada García","plan":"team","referred_by":null,"renews_on":null,"seats":215,"signed_up_at":"2020-05-29T09:52:08Z","tags":[]}},{"hash":"88284aca7c2a950b","fields":{"active":true,"address":{"city":"São Paulo","country":"BR","postcode":"01310-100"},"company":"Nimbus","email":"customer194@example.com","id":194,"mrr":2187.6,"name":"Ada Müller","plan":"free","referred_by":null,"renews_on":"2026-09-29","seats":175,"signed_up_at":"2021-04-24T11:41:13Z","tags":["vip","beta"]}},{"hash":"e45d8096b62b45c2","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Café Olé","email":"customer195@example.com","id":195,"mrr":2688.38,"name":"Søren 田中","plan":"team","referred_by":null,"renews_on":"2026-10-11","seats":215,"signed_up_at":"2023-07-09T01:41:09Z","tags":[]}},{"hash":"ca55e37bc2e7b82b","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Café Olé","email":"customer196@example.com","id":196,"mrr":1675.93,"name":"Grace Smith","plan":"free","referred_by":null,"renews_on":"2026-08-21","seats":134,"signed_up_at":"2022-08-16T17:24:37Z","tags":["vip","beta"]}},{"hash":"e9b8ba161aa4c54a","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Blue \"Sky\" Ltd","email":"customer197@example.com","id":197,"mrr":5900.15,"name":"Ada Ørsted","plan":"enterprise","referred_by":null,"renews_on":"2026-06-18","seats":472,"signed_up_at":"2024-04-07T22:55:38Z","tags":["vip","beta"]}},{"hash":"f2d6413ac9253aa4","fields":{"active":true,"address":{"city":"Boston","country":"US","postcode":"02108"},"company":"Fjord & Co.","email":"customer198@example.com","id":198,"mrr":5850.44,"name":"José Ørsted","plan":"enterprise","referred_by":null,"renews_on":"2026-01-21","seats":468,"signed_up_at":"2022-01-21T17:48:53Z","tags":[]}},{"hash":"4301449943ddce30","fields":{"active":true,"address":{"city":"London","country":"GB","postcode":"EC1A 1BB"},"company":"Café Olé","email":"customer199@example.com","id":199,"mrr":3163.37,"name":"Grace Smith","plan":"business","referred_by":937792,"renews_on":null,"seats":253,"signed_up_at":"2022-08-14T09:37:57Z","tags":[]}},{"hash":"e156112a910d11bf","fields":{"active":true,"address":{"city":"Dresden","country":"DE","postcode":"01067"},"company":"Tōkyō Robotics","email":"customer200@example.com","id":200,"mrr":5763.1,"name":"Chinedu Ørsted","plan":"team","referred_by":400786,"renews_on":"2026-06-30","seats":461,"signed_up_at":"2021-11-02T05:48:31Z","tags":[]}}],"metadata":{}}}', NULL);
INSERT INTO polysink.envelopes_20261130 VALUES ('01a22e5a-6718-77e7-8e19-10225b4b341a', '2026-11-30 21:26:46.296494+00', '2026-11-30 21:26:46+00', 'one', 'sync.records', '6c0d6d2e-2f9b-4b9e-9a0e-000000000001', '{"team": "data"}', 2, '127.0.0.1', 'curl/7.88.1', 'stored', '{"event": "sync.records", "object": {"id": "6c0d6d2e-2f9b-4b9e-9a0e-000000000001", "name": "Customers", "metadata": {"team": "data"}, "records": [{"hash": "a1", "fields": {"id": 1, "plan": "free", "since": "2024-02-29", "tags": ["x"], "mrr": 1.50}}, {"hash": "b1", "fields": {"id": 2, "plan": null}}]}}', NULL);
INSERT INTO polysink.envelopes_20261130 VALUES ('01a22e5a-68bb-7922-8cce-d24ae87061a7', '2026-11-30 21:26:46.715571+00', '2026-11-30 21:26:46+00', 'one', 'sync.records', '6c0d6d2e-2f9b-4b9e-9a0e-000000000001', '{"team": "data"}', 3, '127.0.0.1', 'curl/7.88.1', 'stored', '{"event": "sync.records", "object": {"id": "6c0d6d2e-2f9b-4b9e-9a0e-000000000001", "name": "Customers", "metadata": {"team": "data"}, "records": [{"hash": "a2", "fields": {"id": 1, "plan": "team", "since": "soon", "mrr": 2}}, {"hash": "b1", "fields": {"id": 2, "plan": null}}, 7]}}', NULL);
INSERT INTO polysink.envelopes_20261130 VALUES ('01a22e5a-68ca-7f2b-a049-dcde97ef64f3', '2026-11-30 21:26:46.730948+00', '2026-11-30 21:26:46+00', 'one', 'sync.records', '6c0d6d2e-2f9b-4b9e-9a0e-000000000002', '{"team": "data"}', 1, '127.0.0.1', 'curl/7.88.1', 'stored', '{"event": "sync.records", "object": {"id": "6c0d6d2e-2f9b-4b9e-9a0e-000000000002", "name": "Renamed", "metadata": {"team": "data"}, "records": [{"hash": "c1", "fields": {"Long Name": "x", "n": 9007199254740993}}]}}', NULL);


--
-- Data for Name: envelopes_20261201; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: envelopes_20261202; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: envelopes_20261203; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: envelopes_20261204; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: envelopes_20261205; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: envelopes_20261206; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: envelopes_20261207; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: erasures; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: events; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: fields; Type: TABLE DATA; Schema: polysink; Owner: -
--

INSERT INTO polysink.fields VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'active', 'active', 'boolean', 'boolean', false, false, NULL, NULL, '{"boolean": 200}', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.266388+00', 0, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'address', 'address', 'jsonb', 'jsonb', false, false, NULL, NULL, '{"json": 200}', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.266388+00', 1, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'company', 'company', 'text', 'text', false, false, NULL, NULL, '{"text": 200}', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.266388+00', 2, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'email', 'email', 'text', 'text', false, false, NULL, NULL, '{"text": 200}', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.266388+00', 3, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'id', 'id', 'bigint', 'bigint', false, false, NULL, NULL, '{"integer": 200}', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.266388+00', 4, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'mrr', 'mrr', 'numeric', 'numeric', false, false, NULL, NULL, '{"number": 200}', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.266388+00', 5, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'name', 'name', 'text', 'text', false, false, NULL, NULL, '{"text": 200}', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.266388+00', 6, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'plan', 'plan', 'text', 'text', false, false, NULL, NULL, '{"text": 200}', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.266388+00', 7, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'referred_by', 'referred_by', 'bigint', 'bigint', false, false, NULL, NULL, '{"null": 169, "integer": 31}', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.266388+00', 8, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'renews_on', 'renews_on', 'date', 'date', false, false, NULL, NULL, '{"date": 148, "null": 52}', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.266388+00', 9, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'seats', 'seats', 'bigint', 'bigint', false, false, NULL, NULL, '{"integer": 200}', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.266388+00', 10, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'signed_up_at', 'signed_up_at', 'timestamptz', 'timestamptz', false, false, NULL, NULL, '{"timestamp": 200}', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.266388+00', 11, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'tags', 'tags', 'jsonb', 'jsonb', false, false, NULL, NULL, '{"json": 200}', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.266388+00', 12, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000002', 'n', 'n', 'text', 'text', true, false, NULL, NULL, '{"integer": 1}', '2026-11-30 21:26:46.730948+00', '2026-11-30 21:26:46.730948+00', 1, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000001', 'tags', 'tags', 'jsonb', 'jsonb', false, false, NULL, NULL, '{"json": 1}', '2026-11-30 21:26:46.296494+00', '2026-11-30 21:26:46.296494+00', 3, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000002', 'Long Name', 'long_name', 'text', 'text', false, false, NULL, NULL, '{"text": 1}', '2026-11-30 21:26:46.730948+00', '2026-11-30 21:26:46.730948+00', 0, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000001', 'id', 'id', 'bigint', 'bigint', false, false, NULL, NULL, '{"integer": 4}', '2026-11-30 21:26:46.296494+00', '2026-11-30 21:26:46.715571+00', 0, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000001', 'plan', 'plan', 'text', 'text', false, false, NULL, NULL, '{"null": 2, "text": 2}', '2026-11-30 21:26:46.296494+00', '2026-11-30 21:26:46.715571+00', 1, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000001', 'since', 'since', 'text', 'text', false, false, NULL, NULL, '{"date": 1, "text": 1}', '2026-11-30 21:26:46.296494+00', '2026-11-30 21:26:46.715571+00', 2, NULL, 0, NULL);
INSERT INTO polysink.fields VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000001', 'mrr', 'mrr', 'numeric', 'numeric', false, false, NULL, NULL, '{"number": 1, "integer": 1}', '2026-11-30 21:26:46.296494+00', '2026-11-30 21:26:46.715571+00', 4, NULL, 0, NULL);


--
-- Data for Name: installation; Type: TABLE DATA; Schema: polysink; Owner: -
--

INSERT INTO polysink.installation VALUES (true, '9d375f53-6292-451d-9bbc-803f585601e7');


--
-- Data for Name: records; Type: TABLE DATA; Schema: polysink; Owner: -
--

INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '1e3ba56000f45281', '{"id": 3, "mrr": 4112.99, "name": "Chinedu O''Brien", "plan": "business", "tags": ["vip", "beta"], "email": "customer3@example.com", "seats": 329, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Nimbus", "renews_on": "2026-08-18", "referred_by": null, "signed_up_at": "2023-06-21T12:13:10Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 2, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 2, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '204d437cddd2bd12', '{"id": 23, "mrr": 4675.59, "name": "Fatima Okafor", "plan": "free", "tags": [], "email": "customer23@example.com", "seats": 374, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Café Olé", "renews_on": "2026-05-15", "referred_by": null, "signed_up_at": "2021-04-20T00:13:20Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 22, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 22, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '208d72c834a82316', '{"id": 13, "mrr": 875.86, "name": "Ольга Петрова", "plan": "business", "tags": [], "email": "customer13@example.com", "seats": 70, "active": false, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Acme, Inc.", "renews_on": null, "referred_by": null, "signed_up_at": "2021-10-03T03:09:06Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 12, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 12, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '253414a85672ef9b', '{"id": 47, "mrr": 1000.04, "name": "Grace García", "plan": "free", "tags": [], "email": "customer47@example.com", "seats": 80, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Analytical Engines", "renews_on": "2026-05-24", "referred_by": null, "signed_up_at": "2023-05-04T06:14:42Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 46, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 46, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '2b2a8c108c963e47', '{"id": 32, "mrr": 1750.94, "name": "李雷 O''Brien", "plan": "enterprise", "tags": [], "email": "customer32@example.com", "seats": 140, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Nimbus", "renews_on": "2026-06-15", "referred_by": null, "signed_up_at": "2023-03-10T07:33:07Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 31, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 31, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '2b72c0dcba801d1a', '{"id": 7, "mrr": 2538.3, "name": "Zoë O''Brien", "plan": "team", "tags": [], "email": "customer7@example.com", "seats": 203, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Tōkyō Robotics", "renews_on": null, "referred_by": 672460, "signed_up_at": "2020-07-07T17:50:12Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 6, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 6, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '3012c538565434f6', '{"id": 5, "mrr": 438.0, "name": "Aoife García", "plan": "business", "tags": [], "email": "customer5@example.com", "seats": 35, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Café Olé", "renews_on": "2026-02-10", "referred_by": null, "signed_up_at": "2021-05-20T02:49:04Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 4, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 4, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '31fe67a66fa8755b', '{"id": 17, "mrr": 863.04, "name": "José 田中", "plan": "enterprise", "tags": [], "email": "customer17@example.com", "seats": 69, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Tōkyō Robotics", "renews_on": null, "referred_by": null, "signed_up_at": "2020-12-13T12:51:12Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 16, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 16, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '360277ff3bd97978', '{"id": 49, "mrr": 987.9, "name": "Grace Lovelace", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer49@example.com", "seats": 79, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Acme, Inc.", "renews_on": null, "referred_by": null, "signed_up_at": "2022-05-01T03:28:35Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 48, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 48, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '3cf18808cfa50cbe', '{"id": 28, "mrr": 3713.32, "name": "Ada Haddad", "plan": "free", "tags": ["vip", "beta"], "email": "customer28@example.com", "seats": 297, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Nimbus", "renews_on": "2026-09-13", "referred_by": 759473, "signed_up_at": "2024-09-28T14:39:10Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 27, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 27, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '3d59210a088a3eef', '{"id": 18, "mrr": 1675.47, "name": "Søren Haddad", "plan": "business", "tags": [], "email": "customer18@example.com", "seats": 134, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Café Olé", "renews_on": "2026-09-19", "referred_by": null, "signed_up_at": "2024-06-05T16:18:37Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 17, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 17, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '4387cc5787762751', '{"id": 43, "mrr": 2975.88, "name": "Aoife O''Brien", "plan": "free", "tags": [], "email": "customer43@example.com", "seats": 238, "active": false, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Fjord & Co.", "renews_on": "2026-06-03", "referred_by": null, "signed_up_at": "2020-09-08T08:27:23Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 42, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 42, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '442a6adac4e6a9eb', '{"id": 48, "mrr": 2012.62, "name": "Chinedu Hopper", "plan": "enterprise", "tags": [], "email": "customer48@example.com", "seats": 161, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Analytical Engines", "renews_on": "2026-10-23", "referred_by": null, "signed_up_at": "2021-03-30T18:46:39Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 47, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 47, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '53ccbaf9698760a8', '{"id": 12, "mrr": 4375.87, "name": "José Ørsted", "plan": "team", "tags": ["vip", "beta"], "email": "customer12@example.com", "seats": 350, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Blue \"Sky\" Ltd", "renews_on": null, "referred_by": null, "signed_up_at": "2022-09-27T04:45:59Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 11, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 11, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '57eeb9e6d3396ad1', '{"id": 36, "mrr": 3713.38, "name": "Ольга Haddad", "plan": "team", "tags": ["vip", "beta"], "email": "customer36@example.com", "seats": 297, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Café Olé", "renews_on": "2026-12-23", "referred_by": null, "signed_up_at": "2024-01-14T14:48:48Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 35, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 35, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '60c74d0b56d67314', '{"id": 8, "mrr": 2563.22, "name": "Fatima Smith", "plan": "team", "tags": ["vip", "beta"], "email": "customer8@example.com", "seats": 205, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Blue \"Sky\" Ltd", "renews_on": null, "referred_by": null, "signed_up_at": "2022-07-26T10:41:43Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 7, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 7, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '6e5aa387ee7cb9a5', '{"id": 25, "mrr": 2962.68, "name": "Fatima García", "plan": "free", "tags": [], "email": "customer25@example.com", "seats": 237, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Acme, Inc.", "renews_on": "2026-01-28", "referred_by": null, "signed_up_at": "2023-08-14T12:23:30Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 24, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 24, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '704ee0abd823c5b5', '{"id": 9, "mrr": 5200.15, "name": "Fatima Haddad", "plan": "team", "tags": [], "email": "customer9@example.com", "seats": 416, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Acme, Inc.", "renews_on": "2026-05-24", "referred_by": null, "signed_up_at": "2022-09-11T19:42:22Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 8, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 8, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '715fcb6bc0bb8477', '{"id": 6, "mrr": 6100.86, "name": "Ada Ørsted", "plan": "free", "tags": [], "email": "customer6@example.com", "seats": 488, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Analytical Engines", "renews_on": "2026-05-13", "referred_by": 192915, "signed_up_at": "2022-09-04T05:23:50Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 5, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 5, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '7269ca1527e75670', '{"id": 30, "mrr": 2738.48, "name": "Søren O''Brien", "plan": "free", "tags": [], "email": "customer30@example.com", "seats": 219, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Acme, Inc.", "renews_on": "2026-11-26", "referred_by": null, "signed_up_at": "2021-09-25T11:54:01Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 29, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 29, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '740a1e695d4ffe91', '{"id": 21, "mrr": 4600.18, "name": "José Hopper", "plan": "team", "tags": ["vip", "beta"], "email": "customer21@example.com", "seats": 368, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Nimbus", "renews_on": "2026-09-12", "referred_by": null, "signed_up_at": "2024-05-30T02:28:00Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 20, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 20, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '7b01b3933a7a19b3', '{"id": 11, "mrr": 3287.57, "name": "José Ørsted", "plan": "business", "tags": [], "email": "customer11@example.com", "seats": 263, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Analytical Engines", "renews_on": "2026-08-08", "referred_by": null, "signed_up_at": "2024-04-17T21:09:28Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 10, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 10, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '811a45f9cb0dfcd7', '{"id": 10, "mrr": 1150.37, "name": "美咲 田中", "plan": "team", "tags": [], "email": "customer10@example.com", "seats": 92, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Café Olé", "renews_on": "2026-01-06", "referred_by": 159880, "signed_up_at": "2022-04-25T13:55:42Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 9, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 9, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '84fdcd69c06776a2', '{"id": 27, "mrr": 2838.07, "name": "José Hopper", "plan": "free", "tags": ["vip", "beta"], "email": "customer27@example.com", "seats": 227, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Café Olé", "renews_on": "2026-07-12", "referred_by": null, "signed_up_at": "2023-10-07T14:59:41Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 26, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 26, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '8ec5253060168f30', '{"id": 37, "mrr": 4238.3, "name": "Ольга Ørsted", "plan": "business", "tags": [], "email": "customer37@example.com", "seats": 339, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Nimbus", "renews_on": "2026-09-26", "referred_by": null, "signed_up_at": "2020-03-20T23:32:25Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 36, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 36, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '9251532c8c53f282', '{"id": 22, "mrr": 125.49, "name": "美咲 田中", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer22@example.com", "seats": 10, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Fjord & Co.", "renews_on": null, "referred_by": null, "signed_up_at": "2020-01-02T10:55:01Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 21, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 21, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '92a4c82fb53b3e18', '{"id": 45, "mrr": 2088.25, "name": "Fatima Okafor", "plan": "business", "tags": [], "email": "customer45@example.com", "seats": 167, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Acme, Inc.", "renews_on": null, "referred_by": null, "signed_up_at": "2024-05-17T18:57:56Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 44, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 44, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '9c873e5f75295310', '{"id": 46, "mrr": 5037.89, "name": "Chinedu Haddad", "plan": "team", "tags": [], "email": "customer46@example.com", "seats": 403, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Tōkyō Robotics", "renews_on": "2026-05-30", "referred_by": null, "signed_up_at": "2023-01-02T12:21:47Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 45, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 45, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '9f4768bb08b0551c', '{"id": 31, "mrr": 4675.04, "name": "Fatima Ørsted", "plan": "enterprise", "tags": [], "email": "customer31@example.com", "seats": 374, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Tōkyō Robotics", "renews_on": "2026-09-15", "referred_by": null, "signed_up_at": "2024-07-17T09:17:40Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 30, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 30, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '9fefc93539062a21', '{"id": 20, "mrr": 1775.46, "name": "Fatima Smith", "plan": "business", "tags": ["vip", "beta"], "email": "customer20@example.com", "seats": 142, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Café Olé", "renews_on": "2026-01-16", "referred_by": 93637, "signed_up_at": "2021-11-23T22:46:57Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 19, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 19, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'a0d74291e3bccb51', '{"id": 29, "mrr": 3563.22, "name": "Chinedu Haddad", "plan": "business", "tags": ["vip", "beta"], "email": "customer29@example.com", "seats": 285, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Nimbus", "renews_on": null, "referred_by": null, "signed_up_at": "2022-08-04T13:26:21Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 28, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 28, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'a20ce91b8c32cdbd', '{"id": 1, "mrr": 2475.95, "name": "José Smith", "plan": "team", "tags": [], "email": "customer1@example.com", "seats": 198, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Acme, Inc.", "renews_on": "2026-01-06", "referred_by": null, "signed_up_at": "2021-02-13T17:31:33Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 0, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 0, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'a5ba2da2da69a65b', '{"id": 35, "mrr": 2687.72, "name": "Søren Okafor", "plan": "enterprise", "tags": [], "email": "customer35@example.com", "seats": 215, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Blue \"Sky\" Ltd", "renews_on": "2026-10-22", "referred_by": null, "signed_up_at": "2022-12-11T13:29:27Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 34, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 34, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'a5ca7e7e6ea04d4e', '{"id": 2, "mrr": 3512.9, "name": "Nguyễn Smith", "plan": "team", "tags": [], "email": "customer2@example.com", "seats": 281, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Tōkyō Robotics", "renews_on": null, "referred_by": null, "signed_up_at": "2022-05-14T22:26:30Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 1, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 1, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'a6eed49e8ce7a088', '{"id": 33, "mrr": 375.46, "name": "李雷 Smith", "plan": "enterprise", "tags": [], "email": "customer33@example.com", "seats": 30, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Acme, Inc.", "renews_on": "2026-03-08", "referred_by": null, "signed_up_at": "2023-09-05T06:31:45Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 32, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 32, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'acde50081e389a58', '{"id": 34, "mrr": 225.27, "name": "Zoë 田中", "plan": "team", "tags": [], "email": "customer34@example.com", "seats": 18, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Nimbus", "renews_on": null, "referred_by": null, "signed_up_at": "2024-09-19T14:42:56Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 33, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 33, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'b01077290645e3dc', '{"id": 39, "mrr": 5712.52, "name": "Ada O''Brien", "plan": "team", "tags": ["vip", "beta"], "email": "customer39@example.com", "seats": 457, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Café Olé", "renews_on": "2026-06-04", "referred_by": null, "signed_up_at": "2020-02-23T05:55:40Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 38, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 38, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'b774d36db84c4632', '{"id": 24, "mrr": 513.15, "name": "Chinedu Ørsted", "plan": "team", "tags": [], "email": "customer24@example.com", "seats": 41, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Fjord & Co.", "renews_on": "2026-10-27", "referred_by": null, "signed_up_at": "2022-02-13T18:56:17Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 23, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 23, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'bdb087ce47851065', '{"id": 50, "mrr": 4825.04, "name": "美咲 Lovelace", "plan": "business", "tags": [], "email": "customer50@example.com", "seats": 386, "active": false, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Fjord & Co.", "renews_on": "2026-05-05", "referred_by": null, "signed_up_at": "2023-12-17T21:27:16Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 49, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 49, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'c4d87443cf2efb5f', '{"id": 14, "mrr": 2300.58, "name": "Ольга Петрова", "plan": "enterprise", "tags": [], "email": "customer14@example.com", "seats": 184, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Nimbus", "renews_on": "2026-02-09", "referred_by": 412236, "signed_up_at": "2024-02-16T05:30:49Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 13, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 13, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'c516080e864edde6', '{"id": 42, "mrr": 2475.45, "name": "Chinedu Петрова", "plan": "team", "tags": [], "email": "customer42@example.com", "seats": 198, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Analytical Engines", "renews_on": "2026-04-22", "referred_by": null, "signed_up_at": "2023-10-02T10:55:52Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 41, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 41, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'd3ab7fd55aecc857', '{"id": 38, "mrr": 5062.96, "name": "Ada O''Brien", "plan": "team", "tags": [], "email": "customer38@example.com", "seats": 405, "active": false, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Acme, Inc.", "renews_on": "2026-04-10", "referred_by": null, "signed_up_at": "2020-02-21T07:01:57Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 37, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 37, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'd623d1c8a2bea0d8', '{"id": 40, "mrr": 2050.83, "name": "Nguyễn 田中", "plan": "team", "tags": [], "email": "customer40@example.com", "seats": 164, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Tōkyō Robotics", "renews_on": "2026-05-14", "referred_by": null, "signed_up_at": "2023-02-28T00:29:39Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 39, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 39, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'd9a807294d1e9af3', '{"id": 44, "mrr": 2075.09, "name": "Ada 田中", "plan": "free", "tags": ["vip", "beta"], "email": "customer44@example.com", "seats": 166, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Acme, Inc.", "renews_on": "2026-09-22", "referred_by": null, "signed_up_at": "2020-10-27T17:10:43Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 43, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 43, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'db0e5d444b70cec7', '{"id": 26, "mrr": 1938.34, "name": "Chinedu Müller", "plan": "enterprise", "tags": [], "email": "customer26@example.com", "seats": 155, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Analytical Engines", "renews_on": "2026-02-05", "referred_by": null, "signed_up_at": "2022-02-08T01:43:49Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 25, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 25, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'e3320316ea45c8dd', '{"id": 19, "mrr": 1188.42, "name": "José Haddad", "plan": "business", "tags": [], "email": "customer19@example.com", "seats": 95, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Nimbus", "renews_on": null, "referred_by": 190310, "signed_up_at": "2020-03-27T13:09:34Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 18, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 18, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'ed9b9b9aea8feba4', '{"id": 15, "mrr": 25.96, "name": "Grace Hopper", "plan": "team", "tags": [], "email": "customer15@example.com", "seats": 2, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Tōkyō Robotics", "renews_on": "2026-09-30", "referred_by": null, "signed_up_at": "2020-05-08T20:46:01Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 14, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 14, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'eee920d0695fe858', '{"id": 41, "mrr": 1888.14, "name": "Chinedu Haddad", "plan": "team", "tags": ["vip", "beta"], "email": "customer41@example.com", "seats": 151, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Tōkyō Robotics", "renews_on": "2026-05-24", "referred_by": null, "signed_up_at": "2023-05-30T19:46:39Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 40, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 40, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'efc471076f5e3451', '{"id": 4, "mrr": 5262.91, "name": "Grace Okafor", "plan": "enterprise", "tags": [], "email": "customer4@example.com", "seats": 421, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Fjord & Co.", "renews_on": null, "referred_by": null, "signed_up_at": "2022-09-15T02:14:49Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 3, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 3, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'f68f8ada3a367897', '{"id": 16, "mrr": 2538.05, "name": "Ada García", "plan": "enterprise", "tags": [], "email": "customer16@example.com", "seats": 203, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Acme, Inc.", "renews_on": "2026-09-06", "referred_by": null, "signed_up_at": "2023-05-04T20:22:21Z"}', false, '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 15, '2026-11-30 21:26:46.250908+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', '2026-11-30 21:26:46+00', 15, '2026-11-30 21:26:46.250908+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '01c51219cf88687c', '{"id": 93, "mrr": 5262.55, "name": "Nguyễn Петрова", "plan": "business", "tags": ["vip", "beta"], "email": "customer93@example.com", "seats": 421, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Fjord & Co.", "renews_on": null, "referred_by": null, "signed_up_at": "2023-04-14T20:39:41Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 42, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 42, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '03749c1bfabd0369', '{"id": 57, "mrr": 1438.42, "name": "Ada Hopper", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer57@example.com", "seats": 115, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Fjord & Co.", "renews_on": null, "referred_by": null, "signed_up_at": "2021-10-04T17:05:39Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 6, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 6, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '0fb7a7cbd1b24526', '{"id": 56, "mrr": 4038.12, "name": "Zoë Ørsted", "plan": "free", "tags": ["vip", "beta"], "email": "customer56@example.com", "seats": 323, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Fjord & Co.", "renews_on": null, "referred_by": null, "signed_up_at": "2020-10-18T10:00:39Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 5, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 5, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '03c5213b58603678', '{"id": 180, "mrr": 2875.05, "name": "Nguyễn 田中", "plan": "business", "tags": [], "email": "customer180@example.com", "seats": 230, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Tōkyō Robotics", "renews_on": "2026-10-24", "referred_by": null, "signed_up_at": "2021-08-15T18:39:49Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 29, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 29, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '12238f5bff157c92', '{"id": 97, "mrr": 6013.35, "name": "Søren García", "plan": "free", "tags": [], "email": "customer97@example.com", "seats": 481, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Analytical Engines", "renews_on": "2026-11-11", "referred_by": null, "signed_up_at": "2024-08-15T04:45:49Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 46, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 46, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '1c0bc73174f7d743', '{"id": 63, "mrr": 4662.54, "name": "José Haddad", "plan": "team", "tags": [], "email": "customer63@example.com", "seats": 373, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Blue \"Sky\" Ltd", "renews_on": null, "referred_by": null, "signed_up_at": "2021-12-30T01:41:45Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 12, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 12, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '073318bf7a434fd6', '{"id": 161, "mrr": 2100.24, "name": "美咲 O''Brien", "plan": "team", "tags": [], "email": "customer161@example.com", "seats": 168, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Tōkyō Robotics", "renews_on": "2026-10-06", "referred_by": null, "signed_up_at": "2023-06-09T14:12:48Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 10, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 10, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '0b44049269aaa077', '{"id": 151, "mrr": 6150.1, "name": "美咲 O''Brien", "plan": "team", "tags": [], "email": "customer151@example.com", "seats": 492, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Café Olé", "renews_on": "2026-03-10", "referred_by": 130411, "signed_up_at": "2024-09-19T00:54:39Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 0, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 0, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '287f3431d3b1addc', '{"id": 187, "mrr": 1713.45, "name": "Søren Lovelace", "plan": "free", "tags": [], "email": "customer187@example.com", "seats": 137, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Blue \"Sky\" Ltd", "renews_on": "2026-01-12", "referred_by": 442718, "signed_up_at": "2021-08-18T19:17:45Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 36, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 36, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '2cce354a6088ea2e', '{"id": 166, "mrr": 462.98, "name": "Zoë Smith", "plan": "business", "tags": [], "email": "customer166@example.com", "seats": 37, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Café Olé", "renews_on": "2026-04-12", "referred_by": null, "signed_up_at": "2020-03-19T09:03:43Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 15, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 15, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '31e4b5e1243707d8', '{"id": 191, "mrr": 2200.02, "name": "李雷 Петрова", "plan": "free", "tags": [], "email": "customer191@example.com", "seats": 176, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Fjord & Co.", "renews_on": null, "referred_by": null, "signed_up_at": "2024-01-12T04:03:53Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 40, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 40, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '37b34a363856cc3a', '{"id": 163, "mrr": 3237.85, "name": "Ольга 田中", "plan": "free", "tags": ["vip", "beta"], "email": "customer163@example.com", "seats": 259, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Tōkyō Robotics", "renews_on": "2026-07-09", "referred_by": null, "signed_up_at": "2023-02-03T13:13:48Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 12, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 12, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '37dd73ecc5e42095', '{"id": 162, "mrr": 3050.37, "name": "Ольга O''Brien", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer162@example.com", "seats": 244, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Nimbus", "renews_on": "2026-12-12", "referred_by": null, "signed_up_at": "2023-02-12T19:47:51Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 11, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 11, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '3fecc67907c78d27', '{"id": 184, "mrr": 1050.72, "name": "Ada García", "plan": "business", "tags": [], "email": "customer184@example.com", "seats": 84, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Fjord & Co.", "renews_on": null, "referred_by": null, "signed_up_at": "2021-01-05T14:46:57Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 33, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 33, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '4301449943ddce30', '{"id": 199, "mrr": 3163.37, "name": "Grace Smith", "plan": "business", "tags": [], "email": "customer199@example.com", "seats": 253, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Café Olé", "renews_on": null, "referred_by": 937792, "signed_up_at": "2022-08-14T09:37:57Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 48, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 48, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '46023c5106841571', '{"id": 165, "mrr": 5063.39, "name": "José Smith", "plan": "team", "tags": [], "email": "customer165@example.com", "seats": 405, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Café Olé", "renews_on": "2026-09-26", "referred_by": null, "signed_up_at": "2020-03-30T20:49:04Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 14, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 14, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '4f8ebdb379e2fcc8', '{"id": 156, "mrr": 4463.47, "name": "Ольга O''Brien", "plan": "business", "tags": ["vip", "beta"], "email": "customer156@example.com", "seats": 357, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Blue \"Sky\" Ltd", "renews_on": null, "referred_by": 628713, "signed_up_at": "2022-11-03T10:06:46Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 5, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 5, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '570712ad50f10374', '{"id": 181, "mrr": 2350.59, "name": "Søren Smith", "plan": "free", "tags": [], "email": "customer181@example.com", "seats": 188, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Acme, Inc.", "renews_on": "2026-05-03", "referred_by": null, "signed_up_at": "2023-06-22T15:31:34Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 30, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 30, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '59a8031ef2bb2818', '{"id": 167, "mrr": 2338.29, "name": "José Haddad", "plan": "enterprise", "tags": [], "email": "customer167@example.com", "seats": 187, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Blue \"Sky\" Ltd", "renews_on": "2026-04-15", "referred_by": null, "signed_up_at": "2024-01-25T03:32:07Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 16, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 16, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '5d36be1b7a51f684', '{"id": 160, "mrr": 3713.45, "name": "Chinedu 田中", "plan": "enterprise", "tags": [], "email": "customer160@example.com", "seats": 297, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Nimbus", "renews_on": "2026-09-07", "referred_by": 908397, "signed_up_at": "2021-09-10T05:16:57Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 9, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 9, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '636966c1a26def9e', '{"id": 176, "mrr": 2488.02, "name": "Zoë Ørsted", "plan": "enterprise", "tags": [], "email": "customer176@example.com", "seats": 199, "active": false, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Fjord & Co.", "renews_on": null, "referred_by": 934483, "signed_up_at": "2021-10-03T09:18:48Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 25, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 25, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '6bcd4bd83a7d6b82', '{"id": 173, "mrr": 4450.94, "name": "Nguyễn Петрова", "plan": "business", "tags": ["vip", "beta"], "email": "customer173@example.com", "seats": 356, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Acme, Inc.", "renews_on": null, "referred_by": null, "signed_up_at": "2021-03-19T03:58:48Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 22, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 22, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '6fa5858e7fd57c88', '{"id": 159, "mrr": 5450.77, "name": "美咲 Haddad", "plan": "enterprise", "tags": [], "email": "customer159@example.com", "seats": 436, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Café Olé", "renews_on": "2026-06-01", "referred_by": null, "signed_up_at": "2022-06-06T22:43:53Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 8, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 8, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '72f4e2ae58854561', '{"id": 185, "mrr": 738.06, "name": "Ольга Петрова", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer185@example.com", "seats": 59, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Acme, Inc.", "renews_on": null, "referred_by": null, "signed_up_at": "2022-04-17T00:23:11Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 34, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 34, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'cc0b4da63a7ead1f', '{"id": 183, "mrr": 3950.48, "name": "Grace O''Brien", "plan": "enterprise", "tags": [], "email": "customer183@example.com", "seats": 316, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Nimbus", "renews_on": null, "referred_by": 199116, "signed_up_at": "2021-12-21T15:39:22Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 32, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 32, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '736627844473ca42', '{"id": 170, "mrr": 4350.11, "name": "Nguyễn Lovelace", "plan": "enterprise", "tags": [], "email": "customer170@example.com", "seats": 348, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Tōkyō Robotics", "renews_on": "2026-07-11", "referred_by": 128366, "signed_up_at": "2023-02-19T01:05:50Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 19, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 19, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '74aa8e5bdff7eb16', '{"id": 154, "mrr": 5275.95, "name": "José Haddad", "plan": "business", "tags": [], "email": "customer154@example.com", "seats": 422, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Acme, Inc.", "renews_on": "2026-12-18", "referred_by": null, "signed_up_at": "2020-05-25T02:15:48Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 3, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 3, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '88284aca7c2a950b', '{"id": 194, "mrr": 2187.6, "name": "Ada Müller", "plan": "free", "tags": ["vip", "beta"], "email": "customer194@example.com", "seats": 175, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Nimbus", "renews_on": "2026-09-29", "referred_by": null, "signed_up_at": "2021-04-24T11:41:13Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 43, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 43, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '977a4d4b5933994c', '{"id": 192, "mrr": 3637.76, "name": "Fatima Okafor", "plan": "business", "tags": ["vip", "beta"], "email": "customer192@example.com", "seats": 291, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Tōkyō Robotics", "renews_on": "2026-11-02", "referred_by": null, "signed_up_at": "2021-05-24T01:33:52Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 41, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 41, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '9d6cd0b10553bab4', '{"id": 182, "mrr": 2438.27, "name": "José O''Brien", "plan": "enterprise", "tags": [], "email": "customer182@example.com", "seats": 195, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Blue \"Sky\" Ltd", "renews_on": "2026-03-30", "referred_by": null, "signed_up_at": "2023-08-27T12:41:56Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 31, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 31, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'a1f438be720b2f30', '{"id": 174, "mrr": 2275.02, "name": "Chinedu Haddad", "plan": "business", "tags": [], "email": "customer174@example.com", "seats": 182, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Fjord & Co.", "renews_on": "2026-03-05", "referred_by": null, "signed_up_at": "2022-07-18T02:13:35Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 23, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 23, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'a7ca3ad15dc5e30d', '{"id": 164, "mrr": 2875.78, "name": "Zoë Smith", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer164@example.com", "seats": 230, "active": false, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Blue \"Sky\" Ltd", "renews_on": "2026-01-01", "referred_by": null, "signed_up_at": "2020-06-17T09:26:58Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 13, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 13, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'ac49847d1cddc77f', '{"id": 179, "mrr": 5212.61, "name": "José Петрова", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer179@example.com", "seats": 417, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Tōkyō Robotics", "renews_on": "2026-02-25", "referred_by": null, "signed_up_at": "2022-01-26T18:15:58Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 28, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 28, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'b33139d58f5e4e05', '{"id": 168, "mrr": 2625.78, "name": "Grace Lovelace", "plan": "free", "tags": ["vip", "beta"], "email": "customer168@example.com", "seats": 210, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Analytical Engines", "renews_on": "2026-08-15", "referred_by": null, "signed_up_at": "2020-04-09T18:15:18Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 17, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 17, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'b6b7202909da4247', '{"id": 155, "mrr": 4400.59, "name": "Søren Hopper", "plan": "team", "tags": [], "email": "customer155@example.com", "seats": 352, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Nimbus", "renews_on": "2026-04-28", "referred_by": null, "signed_up_at": "2021-05-18T14:47:10Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 4, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 4, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'bcedbf357f9dc373', '{"id": 153, "mrr": 3837.91, "name": "Chinedu Lovelace", "plan": "team", "tags": [], "email": "customer153@example.com", "seats": 307, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Fjord & Co.", "renews_on": "2026-06-12", "referred_by": null, "signed_up_at": "2023-11-12T09:51:17Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 2, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 2, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'c927abc49ba8414c', '{"id": 169, "mrr": 637.68, "name": "Fatima Smith", "plan": "business", "tags": [], "email": "customer169@example.com", "seats": 51, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Analytical Engines", "renews_on": "2026-10-08", "referred_by": null, "signed_up_at": "2024-05-08T16:52:19Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 18, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 18, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'c99a6973f6912634', '{"id": 190, "mrr": 1925.04, "name": "Fatima Okafor", "plan": "free", "tags": [], "email": "customer190@example.com", "seats": 154, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Café Olé", "renews_on": "2026-03-27", "referred_by": null, "signed_up_at": "2022-12-09T21:35:02Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 39, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 39, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'ca4676937aec83a1', '{"id": 193, "mrr": 2688.26, "name": "Ada García", "plan": "team", "tags": [], "email": "customer193@example.com", "seats": 215, "active": false, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Analytical Engines", "renews_on": null, "referred_by": null, "signed_up_at": "2020-05-29T09:52:08Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 42, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 42, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'ca55e37bc2e7b82b', '{"id": 196, "mrr": 1675.93, "name": "Grace Smith", "plan": "free", "tags": ["vip", "beta"], "email": "customer196@example.com", "seats": 134, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Café Olé", "renews_on": "2026-08-21", "referred_by": null, "signed_up_at": "2022-08-16T17:24:37Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 45, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 45, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'db2acee291944130', '{"id": 189, "mrr": 4362.84, "name": "Zoë Hopper", "plan": "team", "tags": [], "email": "customer189@example.com", "seats": 349, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Tōkyō Robotics", "renews_on": null, "referred_by": 465648, "signed_up_at": "2020-06-23T18:05:24Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 38, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 38, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'dd74b22ceef05f3e', '{"id": 158, "mrr": 2275.53, "name": "Ada Okafor", "plan": "free", "tags": ["vip", "beta"], "email": "customer158@example.com", "seats": 182, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Nimbus", "renews_on": "2026-09-16", "referred_by": 955710, "signed_up_at": "2024-06-13T19:38:18Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 7, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 7, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'dfd895fca447dae6', '{"id": 188, "mrr": 1950.28, "name": "Aoife García", "plan": "enterprise", "tags": [], "email": "customer188@example.com", "seats": 156, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Acme, Inc.", "renews_on": "2026-06-15", "referred_by": 471772, "signed_up_at": "2023-09-07T02:31:34Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 37, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 37, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'e156112a910d11bf', '{"id": 200, "mrr": 5763.1, "name": "Chinedu Ørsted", "plan": "team", "tags": [], "email": "customer200@example.com", "seats": 461, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Tōkyō Robotics", "renews_on": "2026-06-30", "referred_by": 400786, "signed_up_at": "2021-11-02T05:48:31Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 49, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 49, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'e45d8096b62b45c2', '{"id": 195, "mrr": 2688.38, "name": "Søren 田中", "plan": "team", "tags": [], "email": "customer195@example.com", "seats": 215, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Café Olé", "renews_on": "2026-10-11", "referred_by": null, "signed_up_at": "2023-07-09T01:41:09Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 44, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 44, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'e6515b65b1783cf3', '{"id": 175, "mrr": 1250.95, "name": "Ольга 田中", "plan": "business", "tags": [], "email": "customer175@example.com", "seats": 100, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Blue \"Sky\" Ltd", "renews_on": null, "referred_by": null, "signed_up_at": "2022-07-06T08:34:29Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 24, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 24, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'e880ceb95fe560e2', '{"id": 186, "mrr": 3475.3, "name": "José Петрова", "plan": "enterprise", "tags": [], "email": "customer186@example.com", "seats": 278, "active": false, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Café Olé", "renews_on": "2026-09-27", "referred_by": null, "signed_up_at": "2023-04-27T03:28:45Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 35, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 35, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'e9b8ba161aa4c54a', '{"id": 197, "mrr": 5900.15, "name": "Ada Ørsted", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer197@example.com", "seats": 472, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Blue \"Sky\" Ltd", "renews_on": "2026-06-18", "referred_by": null, "signed_up_at": "2024-04-07T22:55:38Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 46, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 46, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'edcffd23af34825b', '{"id": 171, "mrr": 2625.35, "name": "Zoë Haddad", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer171@example.com", "seats": 210, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Tōkyō Robotics", "renews_on": "2026-01-25", "referred_by": null, "signed_up_at": "2022-10-01T11:55:35Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 20, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 20, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'eea2226921c8dc43', '{"id": 177, "mrr": 688.3, "name": "李雷 Müller", "plan": "business", "tags": [], "email": "customer177@example.com", "seats": 55, "active": false, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Tōkyō Robotics", "renews_on": null, "referred_by": null, "signed_up_at": "2022-04-07T03:00:16Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 26, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 26, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'f2d6413ac9253aa4', '{"id": 198, "mrr": 5850.44, "name": "José Ørsted", "plan": "enterprise", "tags": [], "email": "customer198@example.com", "seats": 468, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Fjord & Co.", "renews_on": "2026-01-21", "referred_by": null, "signed_up_at": "2022-01-21T17:48:53Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 47, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 47, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'f5b6f6334a38a862', '{"id": 178, "mrr": 3275.96, "name": "Aoife Петрова", "plan": "free", "tags": [], "email": "customer178@example.com", "seats": 262, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Acme, Inc.", "renews_on": "2026-01-09", "referred_by": null, "signed_up_at": "2022-11-22T20:15:33Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 27, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 27, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'f901fc12eaec1d9d', '{"id": 157, "mrr": 5975.69, "name": "Søren Lovelace", "plan": "business", "tags": [], "email": "customer157@example.com", "seats": 478, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Blue \"Sky\" Ltd", "renews_on": null, "referred_by": null, "signed_up_at": "2023-04-20T12:55:40Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 6, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 6, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'fb1a8eedecd0123b', '{"id": 172, "mrr": 4500.76, "name": "Grace Lovelace", "plan": "business", "tags": ["vip", "beta"], "email": "customer172@example.com", "seats": 360, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Café Olé", "renews_on": "2026-03-21", "referred_by": null, "signed_up_at": "2020-08-26T18:29:20Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 21, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 21, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'fb2a9a2f997f5233', '{"id": 152, "mrr": 3537.85, "name": "Chinedu García", "plan": "enterprise", "tags": [], "email": "customer152@example.com", "seats": 283, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Tōkyō Robotics", "renews_on": "2026-01-09", "referred_by": null, "signed_up_at": "2020-02-25T07:06:51Z"}', false, '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 1, '2026-11-30 21:26:46.266388+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', '2026-11-30 21:26:46+00', 1, '2026-11-30 21:26:46.266388+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '1dc1133ffd4d7e83', '{"id": 88, "mrr": 1437.72, "name": "Ольга Müller", "plan": "team", "tags": [], "email": "customer88@example.com", "seats": 115, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Blue \"Sky\" Ltd", "renews_on": "2026-06-19", "referred_by": null, "signed_up_at": "2024-08-09T04:05:19Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 37, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 37, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '1ddea05de3a83762', '{"id": 132, "mrr": 5825.47, "name": "Zoë Smith", "plan": "team", "tags": ["vip", "beta"], "email": "customer132@example.com", "seats": 466, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Tōkyō Robotics", "renews_on": null, "referred_by": 454885, "signed_up_at": "2024-04-08T07:08:55Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 31, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 31, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '21a29baccff032fa', '{"id": 143, "mrr": 5325.44, "name": "Nguyễn Ørsted", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer143@example.com", "seats": 426, "active": false, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Nimbus", "renews_on": null, "referred_by": null, "signed_up_at": "2021-04-02T02:11:34Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 42, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 42, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '27712740616c3e33', '{"id": 123, "mrr": 3225.58, "name": "Ольга O''Brien", "plan": "free", "tags": ["vip", "beta"], "email": "customer123@example.com", "seats": 258, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Fjord & Co.", "renews_on": "2026-03-24", "referred_by": 805717, "signed_up_at": "2023-11-21T19:32:16Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 22, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 22, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '2830862fba5ef52d', '{"id": 54, "mrr": 2013.28, "name": "Ada Ørsted", "plan": "enterprise", "tags": [], "email": "customer54@example.com", "seats": 161, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Tōkyō Robotics", "renews_on": "2026-12-26", "referred_by": null, "signed_up_at": "2023-06-04T21:03:49Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 3, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 3, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '292b2a2829a76197', '{"id": 101, "mrr": 4375.99, "name": "Grace O''Brien", "plan": "free", "tags": [], "email": "customer101@example.com", "seats": 350, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Tōkyō Robotics", "renews_on": "2026-12-09", "referred_by": 563361, "signed_up_at": "2020-09-01T12:15:30Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 0, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 0, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '2db977c514f34487', '{"id": 84, "mrr": 6250.4, "name": "Aoife Hopper", "plan": "enterprise", "tags": [], "email": "customer84@example.com", "seats": 500, "active": false, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Analytical Engines", "renews_on": null, "referred_by": null, "signed_up_at": "2022-12-02T00:15:08Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 33, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 33, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '35c857b3a6c564ea', '{"id": 55, "mrr": 4488.06, "name": "Ada 田中", "plan": "business", "tags": ["vip", "beta"], "email": "customer55@example.com", "seats": 359, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Analytical Engines", "renews_on": "2026-03-01", "referred_by": null, "signed_up_at": "2022-12-03T12:17:47Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 4, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 4, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '35dbe80602b2dd65', '{"id": 117, "mrr": 1725.24, "name": "Chinedu Haddad", "plan": "business", "tags": ["vip", "beta"], "email": "customer117@example.com", "seats": 138, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Analytical Engines", "renews_on": null, "referred_by": null, "signed_up_at": "2022-08-11T07:32:32Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 16, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 16, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '3aa2d807f6145335', '{"id": 79, "mrr": 4412.73, "name": "李雷 Müller", "plan": "enterprise", "tags": [], "email": "customer79@example.com", "seats": 353, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Analytical Engines", "renews_on": "2026-07-22", "referred_by": null, "signed_up_at": "2021-01-24T09:59:58Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 28, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 28, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '40c6492efb48590b', '{"id": 73, "mrr": 2075.39, "name": "Grace Ørsted", "plan": "business", "tags": [], "email": "customer73@example.com", "seats": 166, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Tōkyō Robotics", "renews_on": "2026-06-07", "referred_by": null, "signed_up_at": "2024-02-24T07:08:24Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 22, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 22, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '411b714d17a1da7a', '{"id": 119, "mrr": 2537.54, "name": "Zoë O''Brien", "plan": "free", "tags": ["vip", "beta"], "email": "customer119@example.com", "seats": 203, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Nimbus", "renews_on": "2026-01-31", "referred_by": null, "signed_up_at": "2023-08-13T04:17:19Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 18, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 18, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '41eb15abdad8707f', '{"id": 102, "mrr": 563.43, "name": "李雷 Hopper", "plan": "enterprise", "tags": [], "email": "customer102@example.com", "seats": 45, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Café Olé", "renews_on": "2026-12-15", "referred_by": null, "signed_up_at": "2021-06-20T00:51:11Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 1, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 1, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '4535074d2074fdd4', '{"id": 103, "mrr": 3188.25, "name": "José Ørsted", "plan": "enterprise", "tags": [], "email": "customer103@example.com", "seats": 255, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Analytical Engines", "renews_on": "2026-04-18", "referred_by": 79840, "signed_up_at": "2021-02-20T15:46:34Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 2, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 2, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '45fe036396cd7cf9', '{"id": 106, "mrr": 4162.7, "name": "Aoife García", "plan": "free", "tags": [], "email": "customer106@example.com", "seats": 333, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Fjord & Co.", "renews_on": null, "referred_by": null, "signed_up_at": "2021-01-22T00:40:21Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 5, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 5, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '4732d6d1cc88ec9e', '{"id": 118, "mrr": 5537.6, "name": "Zoë Ørsted", "plan": "enterprise", "tags": [], "email": "customer118@example.com", "seats": 443, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Café Olé", "renews_on": "2026-07-30", "referred_by": null, "signed_up_at": "2024-08-19T04:28:20Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 17, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 17, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '47eea7999d3d9da7', '{"id": 72, "mrr": 388.11, "name": "Fatima 田中", "plan": "free", "tags": [], "email": "customer72@example.com", "seats": 31, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Acme, Inc.", "renews_on": "2026-12-17", "referred_by": 183426, "signed_up_at": "2022-06-25T08:09:07Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 21, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 21, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '4ecc0389516993c4', '{"id": 74, "mrr": 3763.33, "name": "Grace Lovelace", "plan": "business", "tags": [], "email": "customer74@example.com", "seats": 301, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Café Olé", "renews_on": "2026-10-09", "referred_by": null, "signed_up_at": "2020-04-17T00:25:08Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 23, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 23, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '50a053135cc8cc88', '{"id": 92, "mrr": 1838.39, "name": "Zoë Lovelace", "plan": "free", "tags": [], "email": "customer92@example.com", "seats": 147, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Café Olé", "renews_on": "2026-06-11", "referred_by": null, "signed_up_at": "2021-07-14T18:06:46Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 41, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 41, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '5360ef164e8679aa', '{"id": 66, "mrr": 4350.75, "name": "Ольга Hopper", "plan": "team", "tags": [], "email": "customer66@example.com", "seats": 348, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Nimbus", "renews_on": "2026-10-12", "referred_by": null, "signed_up_at": "2021-01-10T05:55:05Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 15, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 15, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '538524b7fbbbf394', '{"id": 149, "mrr": 2325.09, "name": "美咲 Smith", "plan": "business", "tags": ["vip", "beta"], "email": "customer149@example.com", "seats": 186, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Tōkyō Robotics", "renews_on": "2026-06-27", "referred_by": null, "signed_up_at": "2020-09-11T21:12:54Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 48, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 48, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '5540e1e1dcfa8e72', '{"id": 137, "mrr": 4425.09, "name": "Nguyễn Петрова", "plan": "team", "tags": [], "email": "customer137@example.com", "seats": 354, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Fjord & Co.", "renews_on": "2026-09-28", "referred_by": 105800, "signed_up_at": "2024-09-23T07:12:21Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 36, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 36, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '555cbe8f37d108f2', '{"id": 126, "mrr": 725.65, "name": "Ольга Okafor", "plan": "free", "tags": ["vip", "beta"], "email": "customer126@example.com", "seats": 58, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Analytical Engines", "renews_on": null, "referred_by": null, "signed_up_at": "2022-07-24T16:41:16Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 25, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 25, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '55a0df0d368754fd', '{"id": 51, "mrr": 3087.94, "name": "Ольга Müller", "plan": "business", "tags": [], "email": "customer51@example.com", "seats": 247, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Acme, Inc.", "renews_on": null, "referred_by": null, "signed_up_at": "2020-08-25T04:47:17Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 0, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 0, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '596f42551c3ab3cd', '{"id": 111, "mrr": 5000.03, "name": "Aoife Okafor", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer111@example.com", "seats": 400, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Analytical Engines", "renews_on": "2026-05-27", "referred_by": null, "signed_up_at": "2023-03-24T21:31:20Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 10, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 10, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '599d896d7ed0cdf2', '{"id": 125, "mrr": 1913.11, "name": "李雷 García", "plan": "team", "tags": [], "email": "customer125@example.com", "seats": 153, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Café Olé", "renews_on": null, "referred_by": null, "signed_up_at": "2024-06-03T00:34:48Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 24, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 24, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '63d50424b6d2673f', '{"id": 134, "mrr": 212.8, "name": "Fatima Lovelace", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer134@example.com", "seats": 17, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Acme, Inc.", "renews_on": "2026-12-24", "referred_by": null, "signed_up_at": "2021-08-02T16:15:55Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 33, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 33, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '65ca6c6375ca2767', '{"id": 136, "mrr": 3000.77, "name": "Nguyễn Müller", "plan": "enterprise", "tags": [], "email": "customer136@example.com", "seats": 240, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Tōkyō Robotics", "renews_on": null, "referred_by": null, "signed_up_at": "2021-10-31T16:02:49Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 35, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 35, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '692c0cd01550ce2b', '{"id": 104, "mrr": 5175.69, "name": "Aoife Петрова", "plan": "free", "tags": [], "email": "customer104@example.com", "seats": 414, "active": false, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Fjord & Co.", "renews_on": null, "referred_by": null, "signed_up_at": "2024-09-19T08:34:25Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 3, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 3, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '6a00267c741d7e8f', '{"id": 146, "mrr": 1588.42, "name": "Fatima Петрова", "plan": "enterprise", "tags": [], "email": "customer146@example.com", "seats": 127, "active": false, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Analytical Engines", "renews_on": null, "referred_by": null, "signed_up_at": "2022-04-24T11:52:03Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 45, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 45, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '6be529af42bbdf15', '{"id": 124, "mrr": 2038.18, "name": "Chinedu Okafor", "plan": "free", "tags": ["vip", "beta"], "email": "customer124@example.com", "seats": 163, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Nimbus", "renews_on": null, "referred_by": null, "signed_up_at": "2021-08-23T10:46:48Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 23, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 23, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '6d0589f23e77fb8c', '{"id": 75, "mrr": 837.7, "name": "Ada Ørsted", "plan": "enterprise", "tags": [], "email": "customer75@example.com", "seats": 67, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Nimbus", "renews_on": "2026-11-18", "referred_by": null, "signed_up_at": "2022-12-02T18:07:05Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 24, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 24, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '7037773b02d21291', '{"id": 95, "mrr": 3888.49, "name": "李雷 Ørsted", "plan": "team", "tags": [], "email": "customer95@example.com", "seats": 311, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Nimbus", "renews_on": "2026-06-09", "referred_by": null, "signed_up_at": "2021-05-16T14:38:14Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 44, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 44, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '7077a5b0485e5975', '{"id": 59, "mrr": 4100.8, "name": "Grace Okafor", "plan": "free", "tags": ["vip", "beta"], "email": "customer59@example.com", "seats": 328, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Fjord & Co.", "renews_on": "2026-06-02", "referred_by": null, "signed_up_at": "2020-12-09T09:13:47Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 8, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 8, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '72ff7467029575a5', '{"id": 61, "mrr": 2800.2, "name": "Aoife Müller", "plan": "free", "tags": [], "email": "customer61@example.com", "seats": 224, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Fjord & Co.", "renews_on": null, "referred_by": null, "signed_up_at": "2020-08-22T21:43:37Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 10, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 10, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '74e61769aa2e4062', '{"id": 145, "mrr": 4113.46, "name": "Ada Okafor", "plan": "business", "tags": [], "email": "customer145@example.com", "seats": 329, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Nimbus", "renews_on": "2026-05-16", "referred_by": null, "signed_up_at": "2024-05-08T01:51:32Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 44, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 44, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '7912d7253ce344f9', '{"id": 139, "mrr": 1862.95, "name": "Nguyễn 田中", "plan": "business", "tags": [], "email": "customer139@example.com", "seats": 149, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Café Olé", "renews_on": "2026-05-21", "referred_by": null, "signed_up_at": "2024-03-08T20:09:53Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 38, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 38, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '7ab6688dbaec2125', '{"id": 147, "mrr": 5175.06, "name": "Nguyễn Smith", "plan": "team", "tags": [], "email": "customer147@example.com", "seats": 414, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Nimbus", "renews_on": null, "referred_by": null, "signed_up_at": "2020-12-01T07:26:05Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 46, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 46, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '7d581e49bcd07349', '{"id": 122, "mrr": 1413.2, "name": "Fatima O''Brien", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer122@example.com", "seats": 113, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Acme, Inc.", "renews_on": "2026-01-03", "referred_by": null, "signed_up_at": "2021-12-25T17:13:34Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 21, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 21, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '88bdc5f726da887e', '{"id": 64, "mrr": 5275.92, "name": "José Lovelace", "plan": "business", "tags": [], "email": "customer64@example.com", "seats": 422, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Blue \"Sky\" Ltd", "renews_on": "2026-03-26", "referred_by": null, "signed_up_at": "2020-06-03T21:28:20Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 13, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 13, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '8af5269804941788', '{"id": 127, "mrr": 4525.94, "name": "Zoë García", "plan": "enterprise", "tags": [], "email": "customer127@example.com", "seats": 362, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Tōkyō Robotics", "renews_on": "2026-08-25", "referred_by": null, "signed_up_at": "2020-09-23T14:59:51Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 26, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 26, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '8e40a2ab0086302b', '{"id": 141, "mrr": 612.7, "name": "José Hopper", "plan": "team", "tags": ["vip", "beta"], "email": "customer141@example.com", "seats": 49, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Blue \"Sky\" Ltd", "renews_on": "2026-04-07", "referred_by": null, "signed_up_at": "2024-04-12T21:37:51Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 40, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 40, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '8fa0fb7ab81208d3', '{"id": 83, "mrr": 1675.25, "name": "José Lovelace", "plan": "business", "tags": [], "email": "customer83@example.com", "seats": 134, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Nimbus", "renews_on": "2026-10-04", "referred_by": null, "signed_up_at": "2020-12-08T21:44:24Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 32, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 32, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '94572a7589f7e4b7', '{"id": 69, "mrr": 1675.66, "name": "Ольга Haddad", "plan": "business", "tags": ["vip", "beta"], "email": "customer69@example.com", "seats": 134, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Fjord & Co.", "renews_on": "2026-06-10", "referred_by": null, "signed_up_at": "2020-02-10T06:02:29Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 18, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 18, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '9515d1e57451cb0a', '{"id": 129, "mrr": 2975.1, "name": "Søren Ørsted", "plan": "team", "tags": ["vip", "beta"], "email": "customer129@example.com", "seats": 238, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Analytical Engines", "renews_on": "2026-08-13", "referred_by": 982916, "signed_up_at": "2022-03-25T03:47:26Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 28, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 28, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '952d91eea093ed12', '{"id": 77, "mrr": 1288.33, "name": "美咲 Hopper", "plan": "team", "tags": [], "email": "customer77@example.com", "seats": 103, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Nimbus", "renews_on": "2026-08-06", "referred_by": null, "signed_up_at": "2021-01-27T00:26:52Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 26, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 26, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '959fdb51e5ae88bf', '{"id": 99, "mrr": 2075.07, "name": "李雷 Ørsted", "plan": "business", "tags": ["vip", "beta"], "email": "customer99@example.com", "seats": 166, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Acme, Inc.", "renews_on": "2026-02-25", "referred_by": null, "signed_up_at": "2024-07-13T19:13:50Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 48, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 48, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '96c4b1624170d8dd', '{"id": 94, "mrr": 1950.65, "name": "美咲 Müller", "plan": "business", "tags": [], "email": "customer94@example.com", "seats": 156, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Acme, Inc.", "renews_on": null, "referred_by": null, "signed_up_at": "2022-08-28T23:05:35Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 43, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 43, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '9822cbdd0fc0691c', '{"id": 135, "mrr": 5425.52, "name": "Chinedu García", "plan": "business", "tags": ["vip", "beta"], "email": "customer135@example.com", "seats": 434, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Blue \"Sky\" Ltd", "renews_on": "2026-10-28", "referred_by": null, "signed_up_at": "2020-05-01T02:28:46Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 34, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 34, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '98cecb854508c99f', '{"id": 90, "mrr": 5538.23, "name": "美咲 Ørsted", "plan": "free", "tags": [], "email": "customer90@example.com", "seats": 443, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Tōkyō Robotics", "renews_on": "2026-03-28", "referred_by": null, "signed_up_at": "2022-10-29T22:35:13Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 39, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 39, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '9a7ba1d0f5cc62c2', '{"id": 58, "mrr": 3137.56, "name": "Ольга García", "plan": "business", "tags": ["vip", "beta"], "email": "customer58@example.com", "seats": 251, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Nimbus", "renews_on": "2026-04-17", "referred_by": null, "signed_up_at": "2022-04-15T17:55:59Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 7, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 7, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '9d4b62d1eddd7912', '{"id": 142, "mrr": 112.67, "name": "Nguyễn O''Brien", "plan": "business", "tags": [], "email": "customer142@example.com", "seats": 9, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Nimbus", "renews_on": "2026-01-07", "referred_by": null, "signed_up_at": "2021-01-18T04:56:32Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 41, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 41, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '9dba7a3d2153f894', '{"id": 67, "mrr": 2688.39, "name": "Nguyễn Müller", "plan": "business", "tags": ["vip", "beta"], "email": "customer67@example.com", "seats": 215, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Analytical Engines", "renews_on": "2026-07-13", "referred_by": 319064, "signed_up_at": "2022-09-19T22:09:25Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 16, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 16, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', '9ef1ac67cc156618', '{"id": 80, "mrr": 3063.4, "name": "Aoife Ørsted", "plan": "free", "tags": [], "email": "customer80@example.com", "seats": 245, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Acme, Inc.", "renews_on": "2026-09-08", "referred_by": null, "signed_up_at": "2024-09-06T16:37:28Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 29, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 29, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'a15fa4f775904e88', '{"id": 70, "mrr": 2750.21, "name": "Nguyễn O''Brien", "plan": "free", "tags": ["vip", "beta"], "email": "customer70@example.com", "seats": 220, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Nimbus", "renews_on": "2026-02-15", "referred_by": null, "signed_up_at": "2024-04-03T14:23:20Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 19, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 19, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'a219a7390d9784fa', '{"id": 98, "mrr": 4850.37, "name": "Fatima García", "plan": "free", "tags": [], "email": "customer98@example.com", "seats": 388, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Tōkyō Robotics", "renews_on": "2026-12-02", "referred_by": null, "signed_up_at": "2020-01-12T10:37:54Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 47, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 47, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'a5afcc1922d4481e', '{"id": 112, "mrr": 5350.77, "name": "美咲 Okafor", "plan": "business", "tags": [], "email": "customer112@example.com", "seats": 428, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Tōkyō Robotics", "renews_on": "2026-12-07", "referred_by": null, "signed_up_at": "2020-07-24T17:33:24Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 11, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 11, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'af7ec597efbd3f22', '{"id": 78, "mrr": 275.4, "name": "Ольга Okafor", "plan": "free", "tags": ["vip", "beta"], "email": "customer78@example.com", "seats": 22, "active": false, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Analytical Engines", "renews_on": null, "referred_by": null, "signed_up_at": "2023-07-03T12:01:34Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 27, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 27, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'b35e131dbfb3f1b4', '{"id": 150, "mrr": 5225.79, "name": "Søren 田中", "plan": "free", "tags": ["vip", "beta"], "email": "customer150@example.com", "seats": 418, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Analytical Engines", "renews_on": null, "referred_by": null, "signed_up_at": "2024-03-19T20:19:11Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 49, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 49, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'b3ae5b0b258b857d', '{"id": 115, "mrr": 6063.26, "name": "Chinedu Ørsted", "plan": "business", "tags": [], "email": "customer115@example.com", "seats": 485, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Nimbus", "renews_on": "2026-04-30", "referred_by": null, "signed_up_at": "2020-10-21T18:51:51Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 14, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 14, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'b3f37e6d3c332c2f', '{"id": 109, "mrr": 1025.81, "name": "美咲 O''Brien", "plan": "business", "tags": [], "email": "customer109@example.com", "seats": 82, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Analytical Engines", "renews_on": "2026-12-12", "referred_by": null, "signed_up_at": "2023-02-19T16:31:39Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 8, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 8, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'b4c45b55b59d0fb3', '{"id": 81, "mrr": 4625.37, "name": "李雷 Haddad", "plan": "free", "tags": ["vip", "beta"], "email": "customer81@example.com", "seats": 370, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Blue \"Sky\" Ltd", "renews_on": "2026-07-12", "referred_by": null, "signed_up_at": "2023-03-31T18:03:05Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 30, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 30, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'b8c5ddfa19d40a34', '{"id": 62, "mrr": 1700.97, "name": "美咲 Smith", "plan": "business", "tags": ["vip", "beta"], "email": "customer62@example.com", "seats": 136, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Tōkyō Robotics", "renews_on": "2026-01-26", "referred_by": null, "signed_up_at": "2020-10-07T12:54:37Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 11, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 11, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'b8e0a49de2353c55', '{"id": 138, "mrr": 5263.28, "name": "Ada García", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer138@example.com", "seats": 421, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Tōkyō Robotics", "renews_on": "2026-06-05", "referred_by": null, "signed_up_at": "2021-04-02T13:04:37Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 37, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 37, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'bcac17a55f14dced', '{"id": 71, "mrr": 5762.66, "name": "Nguyễn O''Brien", "plan": "business", "tags": ["vip", "beta"], "email": "customer71@example.com", "seats": 461, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Nimbus", "renews_on": "2026-03-10", "referred_by": null, "signed_up_at": "2022-09-08T00:49:21Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 20, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 20, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'bcc6799bd9d26387', '{"id": 100, "mrr": 4763.08, "name": "Grace Lovelace", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer100@example.com", "seats": 381, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Acme, Inc.", "renews_on": "2026-04-02", "referred_by": null, "signed_up_at": "2023-07-26T11:14:46Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 49, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 49, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'be7f6e64e40c767a', '{"id": 116, "mrr": 2387.97, "name": "Søren O''Brien", "plan": "business", "tags": ["vip", "beta"], "email": "customer116@example.com", "seats": 191, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Nimbus", "renews_on": "2026-07-02", "referred_by": null, "signed_up_at": "2023-08-22T01:43:19Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 15, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 15, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'c0a97d31a0acc112', '{"id": 120, "mrr": 3562.91, "name": "Aoife Haddad", "plan": "business", "tags": [], "email": "customer120@example.com", "seats": 285, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Fjord & Co.", "renews_on": "2026-07-02", "referred_by": null, "signed_up_at": "2021-04-18T05:19:52Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 19, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 19, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'c0eed863d3c7a248', '{"id": 76, "mrr": 1062.94, "name": "José O''Brien", "plan": "business", "tags": ["vip", "beta"], "email": "customer76@example.com", "seats": 85, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Blue \"Sky\" Ltd", "renews_on": "2026-12-14", "referred_by": 445609, "signed_up_at": "2024-09-13T03:35:35Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 25, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 25, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'c3c30210e0651891', '{"id": 105, "mrr": 2637.99, "name": "Zoë O''Brien", "plan": "enterprise", "tags": [], "email": "customer105@example.com", "seats": 211, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Blue \"Sky\" Ltd", "renews_on": "2026-12-12", "referred_by": null, "signed_up_at": "2024-02-11T19:21:27Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 4, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 4, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'c3ca440e5f27dd07', '{"id": 144, "mrr": 4225.36, "name": "Fatima Smith", "plan": "enterprise", "tags": [], "email": "customer144@example.com", "seats": 338, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Acme, Inc.", "renews_on": "2026-03-05", "referred_by": null, "signed_up_at": "2021-11-09T05:37:33Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 43, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 43, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'c5a5e8f93c66dfec', '{"id": 82, "mrr": 888.33, "name": "Grace 田中", "plan": "free", "tags": [], "email": "customer82@example.com", "seats": 71, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Fjord & Co.", "renews_on": "2026-02-10", "referred_by": null, "signed_up_at": "2020-08-25T03:34:40Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 31, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 31, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'c62b6bfdd20a4aa1', '{"id": 87, "mrr": 5663.49, "name": "José García", "plan": "free", "tags": [], "email": "customer87@example.com", "seats": 453, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Fjord & Co.", "renews_on": "2026-07-08", "referred_by": null, "signed_up_at": "2020-02-19T19:28:19Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 36, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 36, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'c883dff69555423f', '{"id": 114, "mrr": 2688.22, "name": "Chinedu García", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer114@example.com", "seats": 215, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Tōkyō Robotics", "renews_on": null, "referred_by": null, "signed_up_at": "2022-07-07T01:21:25Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 13, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 13, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'c9c644898a90aa1a', '{"id": 140, "mrr": 3137.6, "name": "Søren Smith", "plan": "free", "tags": [], "email": "customer140@example.com", "seats": 251, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Acme, Inc.", "renews_on": "2026-09-04", "referred_by": null, "signed_up_at": "2023-09-15T06:10:15Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 39, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 39, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'ca88fcd6cf847aea', '{"id": 86, "mrr": 3575.97, "name": "李雷 Haddad", "plan": "business", "tags": ["vip", "beta"], "email": "customer86@example.com", "seats": 286, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Tōkyō Robotics", "renews_on": "2026-11-14", "referred_by": null, "signed_up_at": "2022-08-31T13:03:31Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 35, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 35, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'ce075098623d4a21', '{"id": 133, "mrr": 5363.32, "name": "Grace O''Brien", "plan": "enterprise", "tags": ["vip", "beta"], "email": "customer133@example.com", "seats": 429, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Tōkyō Robotics", "renews_on": "2026-01-18", "referred_by": 669233, "signed_up_at": "2021-10-18T17:12:22Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 32, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 32, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'd0c4f486938057ac', '{"id": 108, "mrr": 4425.78, "name": "Aoife Ørsted", "plan": "business", "tags": [], "email": "customer108@example.com", "seats": 354, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Acme, Inc.", "renews_on": "2026-12-17", "referred_by": null, "signed_up_at": "2020-01-13T03:28:00Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 7, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 7, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'd26f377b5b12d16a', '{"id": 131, "mrr": 750.07, "name": "Aoife O''Brien", "plan": "team", "tags": [], "email": "customer131@example.com", "seats": 60, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Café Olé", "renews_on": "2026-12-26", "referred_by": null, "signed_up_at": "2022-07-08T17:47:55Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 30, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 30, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'd40ee62b12925a9e', '{"id": 53, "mrr": 4600.67, "name": "Grace Müller", "plan": "business", "tags": [], "email": "customer53@example.com", "seats": 368, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Tōkyō Robotics", "renews_on": null, "referred_by": null, "signed_up_at": "2022-12-21T18:18:21Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 2, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 2, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'd8d648dab206cc28', '{"id": 148, "mrr": 1400.06, "name": "Grace Okafor", "plan": "team", "tags": ["vip", "beta"], "email": "customer148@example.com", "seats": 112, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Fjord & Co.", "renews_on": "2026-10-18", "referred_by": null, "signed_up_at": "2022-01-20T17:07:05Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 47, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 47, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'dba1a5246e7e387c', '{"id": 96, "mrr": 4775.15, "name": "Zoë Müller", "plan": "business", "tags": [], "email": "customer96@example.com", "seats": 382, "active": false, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Tōkyō Robotics", "renews_on": "2026-08-07", "referred_by": null, "signed_up_at": "2023-05-13T15:29:14Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 45, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 45, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'dd76760f664433ca', '{"id": 91, "mrr": 1213.3, "name": "Ada Okafor", "plan": "business", "tags": [], "email": "customer91@example.com", "seats": 97, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Tōkyō Robotics", "renews_on": "2026-06-27", "referred_by": null, "signed_up_at": "2020-10-18T04:32:08Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 40, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 40, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'e0422636a5d8c077', '{"id": 60, "mrr": 5137.97, "name": "José O''Brien", "plan": "business", "tags": [], "email": "customer60@example.com", "seats": 411, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Nimbus", "renews_on": "2026-01-20", "referred_by": 737644, "signed_up_at": "2022-08-26T09:20:26Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 9, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 9, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'e0b2917a2925251e', '{"id": 65, "mrr": 4263.44, "name": "Grace Smith", "plan": "free", "tags": [], "email": "customer65@example.com", "seats": 341, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Nimbus", "renews_on": "2026-04-13", "referred_by": null, "signed_up_at": "2021-10-16T05:06:17Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 14, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 14, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'e5207e328d084fa6', '{"id": 121, "mrr": 5025.7, "name": "Chinedu Hopper", "plan": "team", "tags": [], "email": "customer121@example.com", "seats": 402, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Fjord & Co.", "renews_on": "2026-01-07", "referred_by": null, "signed_up_at": "2022-03-21T16:41:23Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 20, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 20, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'e6363b9b9bc65aa9', '{"id": 107, "mrr": 5775.7, "name": "Nguyễn Ørsted", "plan": "business", "tags": [], "email": "customer107@example.com", "seats": 462, "active": false, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Fjord & Co.", "renews_on": "2026-04-16", "referred_by": null, "signed_up_at": "2020-08-30T17:51:07Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 6, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 6, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'e7d2f117cc51a8f6', '{"id": 128, "mrr": 5525.69, "name": "Zoë Okafor", "plan": "free", "tags": [], "email": "customer128@example.com", "seats": 442, "active": false, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Nimbus", "renews_on": null, "referred_by": null, "signed_up_at": "2022-06-14T16:58:56Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 27, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 27, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'eaa08be3efc87200', '{"id": 110, "mrr": 3238.13, "name": "Zoë Lovelace", "plan": "free", "tags": [], "email": "customer110@example.com", "seats": 259, "active": true, "address": {"city": "São Paulo", "country": "BR", "postcode": "01310-100"}, "company": "Blue \"Sky\" Ltd", "renews_on": null, "referred_by": null, "signed_up_at": "2020-11-19T22:31:20Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 9, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 9, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'eb0fc1ecb0dac846', '{"id": 89, "mrr": 325.1, "name": "Søren García", "plan": "team", "tags": [], "email": "customer89@example.com", "seats": 26, "active": true, "address": {"city": "London", "country": "GB", "postcode": "EC1A 1BB"}, "company": "Acme, Inc.", "renews_on": "2026-11-18", "referred_by": null, "signed_up_at": "2024-06-27T13:53:54Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 38, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 38, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'ecc89489e060ece6', '{"id": 68, "mrr": 6025.6, "name": "美咲 O''Brien", "plan": "enterprise", "tags": [], "email": "customer68@example.com", "seats": 482, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Acme, Inc.", "renews_on": null, "referred_by": null, "signed_up_at": "2023-03-19T07:20:34Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 17, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 17, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'f07649d858d0d3a9', '{"id": 85, "mrr": 3100.27, "name": "Fatima 田中", "plan": "enterprise", "tags": [], "email": "customer85@example.com", "seats": 248, "active": true, "address": {"city": "Dresden", "country": "DE", "postcode": "01067"}, "company": "Café Olé", "renews_on": "2026-02-24", "referred_by": null, "signed_up_at": "2021-11-30T08:51:11Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 34, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 34, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'f5b87992ad3f0db6', '{"id": 113, "mrr": 613.14, "name": "Grace Müller", "plan": "free", "tags": ["vip", "beta"], "email": "customer113@example.com", "seats": 49, "active": true, "address": {"city": "Boston", "country": "US", "postcode": "02108"}, "company": "Fjord & Co.", "renews_on": "2026-01-31", "referred_by": 226037, "signed_up_at": "2023-03-15T07:25:51Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 12, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 12, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'ff961da705e165f2', '{"id": 130, "mrr": 2050.62, "name": "李雷 Петрова", "plan": "team", "tags": [], "email": "customer130@example.com", "seats": 164, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Café Olé", "renews_on": "2026-07-03", "referred_by": null, "signed_up_at": "2021-08-22T07:28:23Z"}', false, '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 29, '2026-11-30 21:26:46.261039+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', '2026-11-30 21:26:46+00', 29, '2026-11-30 21:26:46.261039+00', 1, false);
INSERT INTO polysink.records VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'fffcfd7c5c04c480', '{"id": 52, "mrr": 1512.5, "name": "Fatima Haddad", "plan": "free", "tags": [], "email": "customer52@example.com", "seats": 121, "active": true, "address": {"city": "京都", "country": "JP", "postcode": "600-8216"}, "company": "Analytical Engines", "renews_on": "2026-12-26", "referred_by": null, "signed_up_at": "2022-10-13T01:12:44Z"}', false, '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 1, '2026-11-30 21:26:46.256646+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', '2026-11-30 21:26:46+00', 1, '2026-11-30 21:26:46.256646+00', 1, false);
INSERT INTO polysink.records VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000001', 'a1', '{"id": 1, "mrr": 1.50, "plan": "free", "tags": ["x"], "since": "2024-02-29"}', false, '01a22e5a-6718-77e7-8e19-10225b4b341a', '2026-11-30 21:26:46+00', 0, '2026-11-30 21:26:46.296494+00', '01a22e5a-6718-77e7-8e19-10225b4b341a', '2026-11-30 21:26:46+00', 0, '2026-11-30 21:26:46.296494+00', 1, false);
INSERT INTO polysink.records VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000001', 'a2', '{"id": 1, "mrr": 2, "plan": "team", "since": "soon"}', false, '01a22e5a-68bb-7922-8cce-d24ae87061a7', '2026-11-30 21:26:46+00', 0, '2026-11-30 21:26:46.715571+00', '01a22e5a-68bb-7922-8cce-d24ae87061a7', '2026-11-30 21:26:46+00', 0, '2026-11-30 21:26:46.715571+00', 1, false);
INSERT INTO polysink.records VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000001', 'b1', '{"id": 2, "plan": null}', false, '01a22e5a-6718-77e7-8e19-10225b4b341a', '2026-11-30 21:26:46+00', 1, '2026-11-30 21:26:46.296494+00', '01a22e5a-68bb-7922-8cce-d24ae87061a7', '2026-11-30 21:26:46+00', 1, '2026-11-30 21:26:46.715571+00', 2, false);
INSERT INTO polysink.records VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000002', 'c1', '{"n": 9007199254740993, "Long Name": "x"}', false, '01a22e5a-68ca-7f2b-a049-dcde97ef64f3', '2026-11-30 21:26:46+00', 0, '2026-11-30 21:26:46.730948+00', '01a22e5a-68ca-7f2b-a049-dcde97ef64f3', '2026-11-30 21:26:46+00', 0, '2026-11-30 21:26:46.730948+00', 1, false);


--
-- Data for Name: rejections; Type: TABLE DATA; Schema: polysink; Owner: -
--

INSERT INTO polysink.rejections VALUES ('01a22e5a-68be-767c-a226-f55a0de9b38f', '2026-11-30 21:26:46.715571+00', '2026-11-30 21:26:46+00', 'one', 'record', 'record_not_object', 'the record is not a JSON object', '6c0d6d2e-2f9b-4b9e-9a0e-000000000001', '01a22e5a-68bb-7922-8cce-d24ae87061a7', 2, '\x37', NULL, NULL, NULL);
INSERT INTO polysink.rejections VALUES ('01a22e5a-68de-7995-a139-0bf4590b4652', '2026-11-30 21:26:46.750599+00', '2026-11-30 21:26:46+00', 'one', 'envelope', 'no_event', 'the body has no `event`, or it is not a string', NULL, NULL, NULL, '\x7b226e6f74223a2022612064656c6976657279227d', NULL, NULL, NULL);


--
-- Data for Name: replay_counts; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: replaying; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: replays; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: retention; Type: TABLE DATA; Schema: polysink; Owner: -
--

INSERT INTO polysink.retention VALUES (true, '2026-11-30 21:26:46.19697+00', 0, 0, 0);


--
-- Data for Name: runs; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: same_values; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: split_versions; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: sync_sources; Type: TABLE DATA; Schema: polysink; Owner: -
--



--
-- Data for Name: syncs; Type: TABLE DATA; Schema: polysink; Owner: -
--

INSERT INTO polysink.syncs VALUES ('5a3e7f0c-91d4-4c58-9d3b-2f6a1c0e8b47', 'Sample customers', '{}', 'sample_customers', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', NULL, 'hash', false, false);
INSERT INTO polysink.syncs VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000001', 'Customers', '{"team": "data"}', 'customers', '{id}', '2026-11-30 21:26:46.296494+00', '2026-11-30 21:26:46.296494+00', '{bigint}', 'hash', false, false);
INSERT INTO polysink.syncs VALUES ('6c0d6d2e-2f9b-4b9e-9a0e-000000000002', 'Renamed', '{"team": "data"}', 'renamed', NULL, '2026-11-30 21:26:46.730948+00', '2026-11-30 21:26:46.730948+00', NULL, 'hash', false, false);


--
-- Data for Name: customers; Type: TABLE DATA; Schema: synced; Owner: -
--

INSERT INTO synced.customers VALUES (2, NULL, NULL, NULL, NULL, '[2]', 'b1', NULL, '2026-11-30 21:26:46.296494+00', '2026-11-30 21:26:46.715571+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-68bb-7922-8cce-d24ae87061a7', 1);
INSERT INTO synced.customers VALUES (1, 'team', 'soon', NULL, 2, '[1]', 'a2', NULL, '2026-11-30 21:26:46.296494+00', '2026-11-30 21:26:46.715571+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-68bb-7922-8cce-d24ae87061a7', 0);


--
-- Data for Name: customers_history; Type: TABLE DATA; Schema: synced; Owner: -
--

INSERT INTO synced.customers_history VALUES (2, NULL, NULL, NULL, NULL, '[2]', 'b1', NULL, '2026-11-30 21:26:46.296494+00', '2026-11-30 21:26:46.296494+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-6718-77e7-8e19-10225b4b341a', 1, '2026-11-30 21:26:46+00', NULL, NULL, NULL, NULL);
INSERT INTO synced.customers_history VALUES (1, 'free', '2024-02-29', '["x"]', 1.50, '[1]', 'a1', NULL, '2026-11-30 21:26:46.296494+00', '2026-11-30 21:26:46.296494+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-6718-77e7-8e19-10225b4b341a', 0, '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-6718-77e7-8e19-10225b4b341a', 0);
INSERT INTO synced.customers_history VALUES (1, 'team', 'soon', NULL, 2, '[1]', 'a2', NULL, '2026-11-30 21:26:46.715571+00', '2026-11-30 21:26:46.715571+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-68bb-7922-8cce-d24ae87061a7', 0, '2026-11-30 21:26:46+00', NULL, NULL, NULL, NULL);


--
-- Data for Name: renamed; Type: TABLE DATA; Schema: synced; Owner: -
--

INSERT INTO synced.renamed VALUES ('x', '9007199254740993', 'c1', 'c1', NULL, '2026-11-30 21:26:46.730948+00', '2026-11-30 21:26:46.730948+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-68ca-7f2b-a049-dcde97ef64f3', 0);


--
-- Data for Name: sample_customers; Type: TABLE DATA; Schema: synced; Owner: -
--

INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Fjord & Co.', 'customer93@example.com', 93, 5262.55, 'Nguyễn Петрова', 'business', NULL, NULL, 421, '2023-04-14 20:39:41+00', '["vip", "beta"]', '01c51219cf88687c', '01c51219cf88687c', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 42);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Fjord & Co.', 'customer57@example.com', 57, 1438.42, 'Ada Hopper', 'enterprise', NULL, NULL, 115, '2021-10-04 17:05:39+00', '["vip", "beta"]', '03749c1bfabd0369', '03749c1bfabd0369', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 6);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Tōkyō Robotics', 'customer180@example.com', 180, 2875.05, 'Nguyễn 田中', 'business', NULL, '2026-10-24', 230, '2021-08-15 18:39:49+00', '[]', '03c5213b58603678', '03c5213b58603678', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 29);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Tōkyō Robotics', 'customer161@example.com', 161, 2100.24, '美咲 O''Brien', 'team', NULL, '2026-10-06', 168, '2023-06-09 14:12:48+00', '[]', '073318bf7a434fd6', '073318bf7a434fd6', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 10);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Café Olé', 'customer151@example.com', 151, 6150.1, '美咲 O''Brien', 'team', 130411, '2026-03-10', 492, '2024-09-19 00:54:39+00', '[]', '0b44049269aaa077', '0b44049269aaa077', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 0);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Fjord & Co.', 'customer56@example.com', 56, 4038.12, 'Zoë Ørsted', 'free', NULL, NULL, 323, '2020-10-18 10:00:39+00', '["vip", "beta"]', '0fb7a7cbd1b24526', '0fb7a7cbd1b24526', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 5);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Analytical Engines', 'customer97@example.com', 97, 6013.35, 'Søren García', 'free', NULL, '2026-11-11', 481, '2024-08-15 04:45:49+00', '[]', '12238f5bff157c92', '12238f5bff157c92', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 46);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Blue "Sky" Ltd', 'customer63@example.com', 63, 4662.54, 'José Haddad', 'team', NULL, NULL, 373, '2021-12-30 01:41:45+00', '[]', '1c0bc73174f7d743', '1c0bc73174f7d743', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 12);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Blue "Sky" Ltd', 'customer88@example.com', 88, 1437.72, 'Ольга Müller', 'team', NULL, '2026-06-19', 115, '2024-08-09 04:05:19+00', '[]', '1dc1133ffd4d7e83', '1dc1133ffd4d7e83', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 37);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Tōkyō Robotics', 'customer132@example.com', 132, 5825.47, 'Zoë Smith', 'team', 454885, NULL, 466, '2024-04-08 07:08:55+00', '["vip", "beta"]', '1ddea05de3a83762', '1ddea05de3a83762', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 31);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Nimbus', 'customer3@example.com', 3, 4112.99, 'Chinedu O''Brien', 'business', NULL, '2026-08-18', 329, '2023-06-21 12:13:10+00', '["vip", "beta"]', '1e3ba56000f45281', '1e3ba56000f45281', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 2);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Café Olé', 'customer23@example.com', 23, 4675.59, 'Fatima Okafor', 'free', NULL, '2026-05-15', 374, '2021-04-20 00:13:20+00', '[]', '204d437cddd2bd12', '204d437cddd2bd12', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 22);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Acme, Inc.', 'customer13@example.com', 13, 875.86, 'Ольга Петрова', 'business', NULL, NULL, 70, '2021-10-03 03:09:06+00', '[]', '208d72c834a82316', '208d72c834a82316', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 12);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Nimbus', 'customer143@example.com', 143, 5325.44, 'Nguyễn Ørsted', 'enterprise', NULL, NULL, 426, '2021-04-02 02:11:34+00', '["vip", "beta"]', '21a29baccff032fa', '21a29baccff032fa', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 42);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Analytical Engines', 'customer47@example.com', 47, 1000.04, 'Grace García', 'free', NULL, '2026-05-24', 80, '2023-05-04 06:14:42+00', '[]', '253414a85672ef9b', '253414a85672ef9b', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 46);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Fjord & Co.', 'customer123@example.com', 123, 3225.58, 'Ольга O''Brien', 'free', 805717, '2026-03-24', 258, '2023-11-21 19:32:16+00', '["vip", "beta"]', '27712740616c3e33', '27712740616c3e33', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 22);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Tōkyō Robotics', 'customer54@example.com', 54, 2013.28, 'Ada Ørsted', 'enterprise', NULL, '2026-12-26', 161, '2023-06-04 21:03:49+00', '[]', '2830862fba5ef52d', '2830862fba5ef52d', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 3);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Blue "Sky" Ltd', 'customer187@example.com', 187, 1713.45, 'Søren Lovelace', 'free', 442718, '2026-01-12', 137, '2021-08-18 19:17:45+00', '[]', '287f3431d3b1addc', '287f3431d3b1addc', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 36);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Tōkyō Robotics', 'customer101@example.com', 101, 4375.99, 'Grace O''Brien', 'free', 563361, '2026-12-09', 350, '2020-09-01 12:15:30+00', '[]', '292b2a2829a76197', '292b2a2829a76197', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 0);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Nimbus', 'customer32@example.com', 32, 1750.94, '李雷 O''Brien', 'enterprise', NULL, '2026-06-15', 140, '2023-03-10 07:33:07+00', '[]', '2b2a8c108c963e47', '2b2a8c108c963e47', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 31);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Tōkyō Robotics', 'customer7@example.com', 7, 2538.3, 'Zoë O''Brien', 'team', 672460, NULL, 203, '2020-07-07 17:50:12+00', '[]', '2b72c0dcba801d1a', '2b72c0dcba801d1a', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 6);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Café Olé', 'customer166@example.com', 166, 462.98, 'Zoë Smith', 'business', NULL, '2026-04-12', 37, '2020-03-19 09:03:43+00', '[]', '2cce354a6088ea2e', '2cce354a6088ea2e', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 15);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Analytical Engines', 'customer84@example.com', 84, 6250.4, 'Aoife Hopper', 'enterprise', NULL, NULL, 500, '2022-12-02 00:15:08+00', '[]', '2db977c514f34487', '2db977c514f34487', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 33);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Café Olé', 'customer5@example.com', 5, 438.0, 'Aoife García', 'business', NULL, '2026-02-10', 35, '2021-05-20 02:49:04+00', '[]', '3012c538565434f6', '3012c538565434f6', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 4);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Fjord & Co.', 'customer191@example.com', 191, 2200.02, '李雷 Петрова', 'free', NULL, NULL, 176, '2024-01-12 04:03:53+00', '[]', '31e4b5e1243707d8', '31e4b5e1243707d8', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 40);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Tōkyō Robotics', 'customer17@example.com', 17, 863.04, 'José 田中', 'enterprise', NULL, NULL, 69, '2020-12-13 12:51:12+00', '[]', '31fe67a66fa8755b', '31fe67a66fa8755b', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 16);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Analytical Engines', 'customer55@example.com', 55, 4488.06, 'Ada 田中', 'business', NULL, '2026-03-01', 359, '2022-12-03 12:17:47+00', '["vip", "beta"]', '35c857b3a6c564ea', '35c857b3a6c564ea', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 4);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Analytical Engines', 'customer117@example.com', 117, 1725.24, 'Chinedu Haddad', 'business', NULL, NULL, 138, '2022-08-11 07:32:32+00', '["vip", "beta"]', '35dbe80602b2dd65', '35dbe80602b2dd65', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 16);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Acme, Inc.', 'customer49@example.com', 49, 987.9, 'Grace Lovelace', 'enterprise', NULL, NULL, 79, '2022-05-01 03:28:35+00', '["vip", "beta"]', '360277ff3bd97978', '360277ff3bd97978', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 48);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Tōkyō Robotics', 'customer163@example.com', 163, 3237.85, 'Ольга 田中', 'free', NULL, '2026-07-09', 259, '2023-02-03 13:13:48+00', '["vip", "beta"]', '37b34a363856cc3a', '37b34a363856cc3a', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 12);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Nimbus', 'customer162@example.com', 162, 3050.37, 'Ольга O''Brien', 'enterprise', NULL, '2026-12-12', 244, '2023-02-12 19:47:51+00', '["vip", "beta"]', '37dd73ecc5e42095', '37dd73ecc5e42095', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 11);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Analytical Engines', 'customer79@example.com', 79, 4412.73, '李雷 Müller', 'enterprise', NULL, '2026-07-22', 353, '2021-01-24 09:59:58+00', '[]', '3aa2d807f6145335', '3aa2d807f6145335', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 28);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Nimbus', 'customer28@example.com', 28, 3713.32, 'Ada Haddad', 'free', 759473, '2026-09-13', 297, '2024-09-28 14:39:10+00', '["vip", "beta"]', '3cf18808cfa50cbe', '3cf18808cfa50cbe', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 27);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Café Olé', 'customer18@example.com', 18, 1675.47, 'Søren Haddad', 'business', NULL, '2026-09-19', 134, '2024-06-05 16:18:37+00', '[]', '3d59210a088a3eef', '3d59210a088a3eef', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 17);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Fjord & Co.', 'customer184@example.com', 184, 1050.72, 'Ada García', 'business', NULL, NULL, 84, '2021-01-05 14:46:57+00', '[]', '3fecc67907c78d27', '3fecc67907c78d27', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 33);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Tōkyō Robotics', 'customer73@example.com', 73, 2075.39, 'Grace Ørsted', 'business', NULL, '2026-06-07', 166, '2024-02-24 07:08:24+00', '[]', '40c6492efb48590b', '40c6492efb48590b', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 22);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Nimbus', 'customer119@example.com', 119, 2537.54, 'Zoë O''Brien', 'free', NULL, '2026-01-31', 203, '2023-08-13 04:17:19+00', '["vip", "beta"]', '411b714d17a1da7a', '411b714d17a1da7a', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 18);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Café Olé', 'customer102@example.com', 102, 563.43, '李雷 Hopper', 'enterprise', NULL, '2026-12-15', 45, '2021-06-20 00:51:11+00', '[]', '41eb15abdad8707f', '41eb15abdad8707f', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 1);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Café Olé', 'customer199@example.com', 199, 3163.37, 'Grace Smith', 'business', 937792, NULL, 253, '2022-08-14 09:37:57+00', '[]', '4301449943ddce30', '4301449943ddce30', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 48);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Fjord & Co.', 'customer43@example.com', 43, 2975.88, 'Aoife O''Brien', 'free', NULL, '2026-06-03', 238, '2020-09-08 08:27:23+00', '[]', '4387cc5787762751', '4387cc5787762751', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 42);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Analytical Engines', 'customer48@example.com', 48, 2012.62, 'Chinedu Hopper', 'enterprise', NULL, '2026-10-23', 161, '2021-03-30 18:46:39+00', '[]', '442a6adac4e6a9eb', '442a6adac4e6a9eb', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 47);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Analytical Engines', 'customer103@example.com', 103, 3188.25, 'José Ørsted', 'enterprise', 79840, '2026-04-18', 255, '2021-02-20 15:46:34+00', '[]', '4535074d2074fdd4', '4535074d2074fdd4', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 2);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Fjord & Co.', 'customer106@example.com', 106, 4162.7, 'Aoife García', 'free', NULL, NULL, 333, '2021-01-22 00:40:21+00', '[]', '45fe036396cd7cf9', '45fe036396cd7cf9', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 5);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Café Olé', 'customer165@example.com', 165, 5063.39, 'José Smith', 'team', NULL, '2026-09-26', 405, '2020-03-30 20:49:04+00', '[]', '46023c5106841571', '46023c5106841571', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 14);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Café Olé', 'customer118@example.com', 118, 5537.6, 'Zoë Ørsted', 'enterprise', NULL, '2026-07-30', 443, '2024-08-19 04:28:20+00', '[]', '4732d6d1cc88ec9e', '4732d6d1cc88ec9e', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 17);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Acme, Inc.', 'customer72@example.com', 72, 388.11, 'Fatima 田中', 'free', 183426, '2026-12-17', 31, '2022-06-25 08:09:07+00', '[]', '47eea7999d3d9da7', '47eea7999d3d9da7', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 21);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Café Olé', 'customer74@example.com', 74, 3763.33, 'Grace Lovelace', 'business', NULL, '2026-10-09', 301, '2020-04-17 00:25:08+00', '[]', '4ecc0389516993c4', '4ecc0389516993c4', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 23);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Blue "Sky" Ltd', 'customer156@example.com', 156, 4463.47, 'Ольга O''Brien', 'business', 628713, NULL, 357, '2022-11-03 10:06:46+00', '["vip", "beta"]', '4f8ebdb379e2fcc8', '4f8ebdb379e2fcc8', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 5);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Café Olé', 'customer92@example.com', 92, 1838.39, 'Zoë Lovelace', 'free', NULL, '2026-06-11', 147, '2021-07-14 18:06:46+00', '[]', '50a053135cc8cc88', '50a053135cc8cc88', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 41);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Nimbus', 'customer66@example.com', 66, 4350.75, 'Ольга Hopper', 'team', NULL, '2026-10-12', 348, '2021-01-10 05:55:05+00', '[]', '5360ef164e8679aa', '5360ef164e8679aa', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 15);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Tōkyō Robotics', 'customer149@example.com', 149, 2325.09, '美咲 Smith', 'business', NULL, '2026-06-27', 186, '2020-09-11 21:12:54+00', '["vip", "beta"]', '538524b7fbbbf394', '538524b7fbbbf394', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 48);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Blue "Sky" Ltd', 'customer12@example.com', 12, 4375.87, 'José Ørsted', 'team', NULL, NULL, 350, '2022-09-27 04:45:59+00', '["vip", "beta"]', '53ccbaf9698760a8', '53ccbaf9698760a8', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 11);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Fjord & Co.', 'customer137@example.com', 137, 4425.09, 'Nguyễn Петрова', 'team', 105800, '2026-09-28', 354, '2024-09-23 07:12:21+00', '[]', '5540e1e1dcfa8e72', '5540e1e1dcfa8e72', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 36);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Analytical Engines', 'customer126@example.com', 126, 725.65, 'Ольга Okafor', 'free', NULL, NULL, 58, '2022-07-24 16:41:16+00', '["vip", "beta"]', '555cbe8f37d108f2', '555cbe8f37d108f2', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 25);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Acme, Inc.', 'customer51@example.com', 51, 3087.94, 'Ольга Müller', 'business', NULL, NULL, 247, '2020-08-25 04:47:17+00', '[]', '55a0df0d368754fd', '55a0df0d368754fd', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 0);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Acme, Inc.', 'customer181@example.com', 181, 2350.59, 'Søren Smith', 'free', NULL, '2026-05-03', 188, '2023-06-22 15:31:34+00', '[]', '570712ad50f10374', '570712ad50f10374', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 30);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Café Olé', 'customer36@example.com', 36, 3713.38, 'Ольга Haddad', 'team', NULL, '2026-12-23', 297, '2024-01-14 14:48:48+00', '["vip", "beta"]', '57eeb9e6d3396ad1', '57eeb9e6d3396ad1', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 35);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Analytical Engines', 'customer111@example.com', 111, 5000.03, 'Aoife Okafor', 'enterprise', NULL, '2026-05-27', 400, '2023-03-24 21:31:20+00', '["vip", "beta"]', '596f42551c3ab3cd', '596f42551c3ab3cd', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 10);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Café Olé', 'customer125@example.com', 125, 1913.11, '李雷 García', 'team', NULL, NULL, 153, '2024-06-03 00:34:48+00', '[]', '599d896d7ed0cdf2', '599d896d7ed0cdf2', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 24);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Blue "Sky" Ltd', 'customer167@example.com', 167, 2338.29, 'José Haddad', 'enterprise', NULL, '2026-04-15', 187, '2024-01-25 03:32:07+00', '[]', '59a8031ef2bb2818', '59a8031ef2bb2818', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 16);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Nimbus', 'customer160@example.com', 160, 3713.45, 'Chinedu 田中', 'enterprise', 908397, '2026-09-07', 297, '2021-09-10 05:16:57+00', '[]', '5d36be1b7a51f684', '5d36be1b7a51f684', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 9);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Blue "Sky" Ltd', 'customer8@example.com', 8, 2563.22, 'Fatima Smith', 'team', NULL, NULL, 205, '2022-07-26 10:41:43+00', '["vip", "beta"]', '60c74d0b56d67314', '60c74d0b56d67314', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 7);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Fjord & Co.', 'customer176@example.com', 176, 2488.02, 'Zoë Ørsted', 'enterprise', 934483, NULL, 199, '2021-10-03 09:18:48+00', '[]', '636966c1a26def9e', '636966c1a26def9e', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 25);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Acme, Inc.', 'customer134@example.com', 134, 212.8, 'Fatima Lovelace', 'enterprise', NULL, '2026-12-24', 17, '2021-08-02 16:15:55+00', '["vip", "beta"]', '63d50424b6d2673f', '63d50424b6d2673f', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 33);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Tōkyō Robotics', 'customer136@example.com', 136, 3000.77, 'Nguyễn Müller', 'enterprise', NULL, NULL, 240, '2021-10-31 16:02:49+00', '[]', '65ca6c6375ca2767', '65ca6c6375ca2767', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 35);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Fjord & Co.', 'customer104@example.com', 104, 5175.69, 'Aoife Петрова', 'free', NULL, NULL, 414, '2024-09-19 08:34:25+00', '[]', '692c0cd01550ce2b', '692c0cd01550ce2b', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 3);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Analytical Engines', 'customer146@example.com', 146, 1588.42, 'Fatima Петрова', 'enterprise', NULL, NULL, 127, '2022-04-24 11:52:03+00', '[]', '6a00267c741d7e8f', '6a00267c741d7e8f', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 45);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Acme, Inc.', 'customer173@example.com', 173, 4450.94, 'Nguyễn Петрова', 'business', NULL, NULL, 356, '2021-03-19 03:58:48+00', '["vip", "beta"]', '6bcd4bd83a7d6b82', '6bcd4bd83a7d6b82', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 22);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Nimbus', 'customer124@example.com', 124, 2038.18, 'Chinedu Okafor', 'free', NULL, NULL, 163, '2021-08-23 10:46:48+00', '["vip", "beta"]', '6be529af42bbdf15', '6be529af42bbdf15', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 23);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Nimbus', 'customer75@example.com', 75, 837.7, 'Ada Ørsted', 'enterprise', NULL, '2026-11-18', 67, '2022-12-02 18:07:05+00', '[]', '6d0589f23e77fb8c', '6d0589f23e77fb8c', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 24);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Acme, Inc.', 'customer25@example.com', 25, 2962.68, 'Fatima García', 'free', NULL, '2026-01-28', 237, '2023-08-14 12:23:30+00', '[]', '6e5aa387ee7cb9a5', '6e5aa387ee7cb9a5', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 24);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Café Olé', 'customer159@example.com', 159, 5450.77, '美咲 Haddad', 'enterprise', NULL, '2026-06-01', 436, '2022-06-06 22:43:53+00', '[]', '6fa5858e7fd57c88', '6fa5858e7fd57c88', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 8);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Nimbus', 'customer95@example.com', 95, 3888.49, '李雷 Ørsted', 'team', NULL, '2026-06-09', 311, '2021-05-16 14:38:14+00', '[]', '7037773b02d21291', '7037773b02d21291', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 44);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Acme, Inc.', 'customer9@example.com', 9, 5200.15, 'Fatima Haddad', 'team', NULL, '2026-05-24', 416, '2022-09-11 19:42:22+00', '[]', '704ee0abd823c5b5', '704ee0abd823c5b5', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 8);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Fjord & Co.', 'customer59@example.com', 59, 4100.8, 'Grace Okafor', 'free', NULL, '2026-06-02', 328, '2020-12-09 09:13:47+00', '["vip", "beta"]', '7077a5b0485e5975', '7077a5b0485e5975', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 8);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Analytical Engines', 'customer6@example.com', 6, 6100.86, 'Ada Ørsted', 'free', 192915, '2026-05-13', 488, '2022-09-04 05:23:50+00', '[]', '715fcb6bc0bb8477', '715fcb6bc0bb8477', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 5);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Acme, Inc.', 'customer30@example.com', 30, 2738.48, 'Søren O''Brien', 'free', NULL, '2026-11-26', 219, '2021-09-25 11:54:01+00', '[]', '7269ca1527e75670', '7269ca1527e75670', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 29);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Acme, Inc.', 'customer185@example.com', 185, 738.06, 'Ольга Петрова', 'enterprise', NULL, NULL, 59, '2022-04-17 00:23:11+00', '["vip", "beta"]', '72f4e2ae58854561', '72f4e2ae58854561', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 34);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Fjord & Co.', 'customer61@example.com', 61, 2800.2, 'Aoife Müller', 'free', NULL, NULL, 224, '2020-08-22 21:43:37+00', '[]', '72ff7467029575a5', '72ff7467029575a5', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 10);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Tōkyō Robotics', 'customer170@example.com', 170, 4350.11, 'Nguyễn Lovelace', 'enterprise', 128366, '2026-07-11', 348, '2023-02-19 01:05:50+00', '[]', '736627844473ca42', '736627844473ca42', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 19);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Nimbus', 'customer21@example.com', 21, 4600.18, 'José Hopper', 'team', NULL, '2026-09-12', 368, '2024-05-30 02:28:00+00', '["vip", "beta"]', '740a1e695d4ffe91', '740a1e695d4ffe91', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 20);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Acme, Inc.', 'customer154@example.com', 154, 5275.95, 'José Haddad', 'business', NULL, '2026-12-18', 422, '2020-05-25 02:15:48+00', '[]', '74aa8e5bdff7eb16', '74aa8e5bdff7eb16', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 3);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Nimbus', 'customer145@example.com', 145, 4113.46, 'Ada Okafor', 'business', NULL, '2026-05-16', 329, '2024-05-08 01:51:32+00', '[]', '74e61769aa2e4062', '74e61769aa2e4062', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 44);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Café Olé', 'customer139@example.com', 139, 1862.95, 'Nguyễn 田中', 'business', NULL, '2026-05-21', 149, '2024-03-08 20:09:53+00', '[]', '7912d7253ce344f9', '7912d7253ce344f9', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 38);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Nimbus', 'customer147@example.com', 147, 5175.06, 'Nguyễn Smith', 'team', NULL, NULL, 414, '2020-12-01 07:26:05+00', '[]', '7ab6688dbaec2125', '7ab6688dbaec2125', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 46);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Analytical Engines', 'customer11@example.com', 11, 3287.57, 'José Ørsted', 'business', NULL, '2026-08-08', 263, '2024-04-17 21:09:28+00', '[]', '7b01b3933a7a19b3', '7b01b3933a7a19b3', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 10);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Acme, Inc.', 'customer122@example.com', 122, 1413.2, 'Fatima O''Brien', 'enterprise', NULL, '2026-01-03', 113, '2021-12-25 17:13:34+00', '["vip", "beta"]', '7d581e49bcd07349', '7d581e49bcd07349', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 21);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Café Olé', 'customer10@example.com', 10, 1150.37, '美咲 田中', 'team', 159880, '2026-01-06', 92, '2022-04-25 13:55:42+00', '[]', '811a45f9cb0dfcd7', '811a45f9cb0dfcd7', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 9);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Café Olé', 'customer27@example.com', 27, 2838.07, 'José Hopper', 'free', NULL, '2026-07-12', 227, '2023-10-07 14:59:41+00', '["vip", "beta"]', '84fdcd69c06776a2', '84fdcd69c06776a2', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 26);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Nimbus', 'customer194@example.com', 194, 2187.6, 'Ada Müller', 'free', NULL, '2026-09-29', 175, '2021-04-24 11:41:13+00', '["vip", "beta"]', '88284aca7c2a950b', '88284aca7c2a950b', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 43);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Blue "Sky" Ltd', 'customer64@example.com', 64, 5275.92, 'José Lovelace', 'business', NULL, '2026-03-26', 422, '2020-06-03 21:28:20+00', '[]', '88bdc5f726da887e', '88bdc5f726da887e', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 13);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Tōkyō Robotics', 'customer127@example.com', 127, 4525.94, 'Zoë García', 'enterprise', NULL, '2026-08-25', 362, '2020-09-23 14:59:51+00', '[]', '8af5269804941788', '8af5269804941788', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 26);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Blue "Sky" Ltd', 'customer141@example.com', 141, 612.7, 'José Hopper', 'team', NULL, '2026-04-07', 49, '2024-04-12 21:37:51+00', '["vip", "beta"]', '8e40a2ab0086302b', '8e40a2ab0086302b', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 40);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Nimbus', 'customer37@example.com', 37, 4238.3, 'Ольга Ørsted', 'business', NULL, '2026-09-26', 339, '2020-03-20 23:32:25+00', '[]', '8ec5253060168f30', '8ec5253060168f30', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 36);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Nimbus', 'customer83@example.com', 83, 1675.25, 'José Lovelace', 'business', NULL, '2026-10-04', 134, '2020-12-08 21:44:24+00', '[]', '8fa0fb7ab81208d3', '8fa0fb7ab81208d3', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 32);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Fjord & Co.', 'customer22@example.com', 22, 125.49, '美咲 田中', 'enterprise', NULL, NULL, 10, '2020-01-02 10:55:01+00', '["vip", "beta"]', '9251532c8c53f282', '9251532c8c53f282', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 21);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Acme, Inc.', 'customer45@example.com', 45, 2088.25, 'Fatima Okafor', 'business', NULL, NULL, 167, '2024-05-17 18:57:56+00', '[]', '92a4c82fb53b3e18', '92a4c82fb53b3e18', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 44);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Fjord & Co.', 'customer69@example.com', 69, 1675.66, 'Ольга Haddad', 'business', NULL, '2026-06-10', 134, '2020-02-10 06:02:29+00', '["vip", "beta"]', '94572a7589f7e4b7', '94572a7589f7e4b7', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 18);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Analytical Engines', 'customer129@example.com', 129, 2975.1, 'Søren Ørsted', 'team', 982916, '2026-08-13', 238, '2022-03-25 03:47:26+00', '["vip", "beta"]', '9515d1e57451cb0a', '9515d1e57451cb0a', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 28);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Nimbus', 'customer77@example.com', 77, 1288.33, '美咲 Hopper', 'team', NULL, '2026-08-06', 103, '2021-01-27 00:26:52+00', '[]', '952d91eea093ed12', '952d91eea093ed12', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 26);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Acme, Inc.', 'customer99@example.com', 99, 2075.07, '李雷 Ørsted', 'business', NULL, '2026-02-25', 166, '2024-07-13 19:13:50+00', '["vip", "beta"]', '959fdb51e5ae88bf', '959fdb51e5ae88bf', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 48);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Acme, Inc.', 'customer94@example.com', 94, 1950.65, '美咲 Müller', 'business', NULL, NULL, 156, '2022-08-28 23:05:35+00', '[]', '96c4b1624170d8dd', '96c4b1624170d8dd', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 43);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Tōkyō Robotics', 'customer192@example.com', 192, 3637.76, 'Fatima Okafor', 'business', NULL, '2026-11-02', 291, '2021-05-24 01:33:52+00', '["vip", "beta"]', '977a4d4b5933994c', '977a4d4b5933994c', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 41);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Blue "Sky" Ltd', 'customer135@example.com', 135, 5425.52, 'Chinedu García', 'business', NULL, '2026-10-28', 434, '2020-05-01 02:28:46+00', '["vip", "beta"]', '9822cbdd0fc0691c', '9822cbdd0fc0691c', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 34);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Tōkyō Robotics', 'customer90@example.com', 90, 5538.23, '美咲 Ørsted', 'free', NULL, '2026-03-28', 443, '2022-10-29 22:35:13+00', '[]', '98cecb854508c99f', '98cecb854508c99f', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 39);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Nimbus', 'customer58@example.com', 58, 3137.56, 'Ольга García', 'business', NULL, '2026-04-17', 251, '2022-04-15 17:55:59+00', '["vip", "beta"]', '9a7ba1d0f5cc62c2', '9a7ba1d0f5cc62c2', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 7);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Tōkyō Robotics', 'customer46@example.com', 46, 5037.89, 'Chinedu Haddad', 'team', NULL, '2026-05-30', 403, '2023-01-02 12:21:47+00', '[]', '9c873e5f75295310', '9c873e5f75295310', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 45);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Nimbus', 'customer142@example.com', 142, 112.67, 'Nguyễn O''Brien', 'business', NULL, '2026-01-07', 9, '2021-01-18 04:56:32+00', '[]', '9d4b62d1eddd7912', '9d4b62d1eddd7912', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 41);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Blue "Sky" Ltd', 'customer182@example.com', 182, 2438.27, 'José O''Brien', 'enterprise', NULL, '2026-03-30', 195, '2023-08-27 12:41:56+00', '[]', '9d6cd0b10553bab4', '9d6cd0b10553bab4', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 31);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Analytical Engines', 'customer67@example.com', 67, 2688.39, 'Nguyễn Müller', 'business', 319064, '2026-07-13', 215, '2022-09-19 22:09:25+00', '["vip", "beta"]', '9dba7a3d2153f894', '9dba7a3d2153f894', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 16);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Acme, Inc.', 'customer80@example.com', 80, 3063.4, 'Aoife Ørsted', 'free', NULL, '2026-09-08', 245, '2024-09-06 16:37:28+00', '[]', '9ef1ac67cc156618', '9ef1ac67cc156618', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 29);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Tōkyō Robotics', 'customer31@example.com', 31, 4675.04, 'Fatima Ørsted', 'enterprise', NULL, '2026-09-15', 374, '2024-07-17 09:17:40+00', '[]', '9f4768bb08b0551c', '9f4768bb08b0551c', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 30);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Café Olé', 'customer20@example.com', 20, 1775.46, 'Fatima Smith', 'business', 93637, '2026-01-16', 142, '2021-11-23 22:46:57+00', '["vip", "beta"]', '9fefc93539062a21', '9fefc93539062a21', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 19);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Nimbus', 'customer29@example.com', 29, 3563.22, 'Chinedu Haddad', 'business', NULL, NULL, 285, '2022-08-04 13:26:21+00', '["vip", "beta"]', 'a0d74291e3bccb51', 'a0d74291e3bccb51', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 28);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Nimbus', 'customer70@example.com', 70, 2750.21, 'Nguyễn O''Brien', 'free', NULL, '2026-02-15', 220, '2024-04-03 14:23:20+00', '["vip", "beta"]', 'a15fa4f775904e88', 'a15fa4f775904e88', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 19);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Fjord & Co.', 'customer174@example.com', 174, 2275.02, 'Chinedu Haddad', 'business', NULL, '2026-03-05', 182, '2022-07-18 02:13:35+00', '[]', 'a1f438be720b2f30', 'a1f438be720b2f30', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 23);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Acme, Inc.', 'customer1@example.com', 1, 2475.95, 'José Smith', 'team', NULL, '2026-01-06', 198, '2021-02-13 17:31:33+00', '[]', 'a20ce91b8c32cdbd', 'a20ce91b8c32cdbd', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 0);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Tōkyō Robotics', 'customer98@example.com', 98, 4850.37, 'Fatima García', 'free', NULL, '2026-12-02', 388, '2020-01-12 10:37:54+00', '[]', 'a219a7390d9784fa', 'a219a7390d9784fa', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 47);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Tōkyō Robotics', 'customer112@example.com', 112, 5350.77, '美咲 Okafor', 'business', NULL, '2026-12-07', 428, '2020-07-24 17:33:24+00', '[]', 'a5afcc1922d4481e', 'a5afcc1922d4481e', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 11);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Blue "Sky" Ltd', 'customer35@example.com', 35, 2687.72, 'Søren Okafor', 'enterprise', NULL, '2026-10-22', 215, '2022-12-11 13:29:27+00', '[]', 'a5ba2da2da69a65b', 'a5ba2da2da69a65b', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 34);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Tōkyō Robotics', 'customer2@example.com', 2, 3512.9, 'Nguyễn Smith', 'team', NULL, NULL, 281, '2022-05-14 22:26:30+00', '[]', 'a5ca7e7e6ea04d4e', 'a5ca7e7e6ea04d4e', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 1);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Acme, Inc.', 'customer33@example.com', 33, 375.46, '李雷 Smith', 'enterprise', NULL, '2026-03-08', 30, '2023-09-05 06:31:45+00', '[]', 'a6eed49e8ce7a088', 'a6eed49e8ce7a088', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 32);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Blue "Sky" Ltd', 'customer164@example.com', 164, 2875.78, 'Zoë Smith', 'enterprise', NULL, '2026-01-01', 230, '2020-06-17 09:26:58+00', '["vip", "beta"]', 'a7ca3ad15dc5e30d', 'a7ca3ad15dc5e30d', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 13);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Tōkyō Robotics', 'customer179@example.com', 179, 5212.61, 'José Петрова', 'enterprise', NULL, '2026-02-25', 417, '2022-01-26 18:15:58+00', '["vip", "beta"]', 'ac49847d1cddc77f', 'ac49847d1cddc77f', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 28);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Nimbus', 'customer34@example.com', 34, 225.27, 'Zoë 田中', 'team', NULL, NULL, 18, '2024-09-19 14:42:56+00', '[]', 'acde50081e389a58', 'acde50081e389a58', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 33);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Analytical Engines', 'customer78@example.com', 78, 275.4, 'Ольга Okafor', 'free', NULL, NULL, 22, '2023-07-03 12:01:34+00', '["vip", "beta"]', 'af7ec597efbd3f22', 'af7ec597efbd3f22', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 27);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Café Olé', 'customer39@example.com', 39, 5712.52, 'Ada O''Brien', 'team', NULL, '2026-06-04', 457, '2020-02-23 05:55:40+00', '["vip", "beta"]', 'b01077290645e3dc', 'b01077290645e3dc', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 38);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Analytical Engines', 'customer168@example.com', 168, 2625.78, 'Grace Lovelace', 'free', NULL, '2026-08-15', 210, '2020-04-09 18:15:18+00', '["vip", "beta"]', 'b33139d58f5e4e05', 'b33139d58f5e4e05', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 17);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Analytical Engines', 'customer150@example.com', 150, 5225.79, 'Søren 田中', 'free', NULL, NULL, 418, '2024-03-19 20:19:11+00', '["vip", "beta"]', 'b35e131dbfb3f1b4', 'b35e131dbfb3f1b4', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 49);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Nimbus', 'customer115@example.com', 115, 6063.26, 'Chinedu Ørsted', 'business', NULL, '2026-04-30', 485, '2020-10-21 18:51:51+00', '[]', 'b3ae5b0b258b857d', 'b3ae5b0b258b857d', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 14);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Analytical Engines', 'customer109@example.com', 109, 1025.81, '美咲 O''Brien', 'business', NULL, '2026-12-12', 82, '2023-02-19 16:31:39+00', '[]', 'b3f37e6d3c332c2f', 'b3f37e6d3c332c2f', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 8);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Blue "Sky" Ltd', 'customer81@example.com', 81, 4625.37, '李雷 Haddad', 'free', NULL, '2026-07-12', 370, '2023-03-31 18:03:05+00', '["vip", "beta"]', 'b4c45b55b59d0fb3', 'b4c45b55b59d0fb3', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 30);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Nimbus', 'customer155@example.com', 155, 4400.59, 'Søren Hopper', 'team', NULL, '2026-04-28', 352, '2021-05-18 14:47:10+00', '[]', 'b6b7202909da4247', 'b6b7202909da4247', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 4);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Fjord & Co.', 'customer24@example.com', 24, 513.15, 'Chinedu Ørsted', 'team', NULL, '2026-10-27', 41, '2022-02-13 18:56:17+00', '[]', 'b774d36db84c4632', 'b774d36db84c4632', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 23);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Tōkyō Robotics', 'customer62@example.com', 62, 1700.97, '美咲 Smith', 'business', NULL, '2026-01-26', 136, '2020-10-07 12:54:37+00', '["vip", "beta"]', 'b8c5ddfa19d40a34', 'b8c5ddfa19d40a34', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 11);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Tōkyō Robotics', 'customer138@example.com', 138, 5263.28, 'Ada García', 'enterprise', NULL, '2026-06-05', 421, '2021-04-02 13:04:37+00', '["vip", "beta"]', 'b8e0a49de2353c55', 'b8e0a49de2353c55', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 37);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Nimbus', 'customer71@example.com', 71, 5762.66, 'Nguyễn O''Brien', 'business', NULL, '2026-03-10', 461, '2022-09-08 00:49:21+00', '["vip", "beta"]', 'bcac17a55f14dced', 'bcac17a55f14dced', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 20);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Acme, Inc.', 'customer100@example.com', 100, 4763.08, 'Grace Lovelace', 'enterprise', NULL, '2026-04-02', 381, '2023-07-26 11:14:46+00', '["vip", "beta"]', 'bcc6799bd9d26387', 'bcc6799bd9d26387', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 49);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Fjord & Co.', 'customer153@example.com', 153, 3837.91, 'Chinedu Lovelace', 'team', NULL, '2026-06-12', 307, '2023-11-12 09:51:17+00', '[]', 'bcedbf357f9dc373', 'bcedbf357f9dc373', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 2);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Fjord & Co.', 'customer50@example.com', 50, 4825.04, '美咲 Lovelace', 'business', NULL, '2026-05-05', 386, '2023-12-17 21:27:16+00', '[]', 'bdb087ce47851065', 'bdb087ce47851065', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 49);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Nimbus', 'customer116@example.com', 116, 2387.97, 'Søren O''Brien', 'business', NULL, '2026-07-02', 191, '2023-08-22 01:43:19+00', '["vip", "beta"]', 'be7f6e64e40c767a', 'be7f6e64e40c767a', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 15);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Fjord & Co.', 'customer120@example.com', 120, 3562.91, 'Aoife Haddad', 'business', NULL, '2026-07-02', 285, '2021-04-18 05:19:52+00', '[]', 'c0a97d31a0acc112', 'c0a97d31a0acc112', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 19);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Blue "Sky" Ltd', 'customer76@example.com', 76, 1062.94, 'José O''Brien', 'business', 445609, '2026-12-14', 85, '2024-09-13 03:35:35+00', '["vip", "beta"]', 'c0eed863d3c7a248', 'c0eed863d3c7a248', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 25);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Blue "Sky" Ltd', 'customer105@example.com', 105, 2637.99, 'Zoë O''Brien', 'enterprise', NULL, '2026-12-12', 211, '2024-02-11 19:21:27+00', '[]', 'c3c30210e0651891', 'c3c30210e0651891', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 4);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Acme, Inc.', 'customer144@example.com', 144, 4225.36, 'Fatima Smith', 'enterprise', NULL, '2026-03-05', 338, '2021-11-09 05:37:33+00', '[]', 'c3ca440e5f27dd07', 'c3ca440e5f27dd07', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 43);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Nimbus', 'customer14@example.com', 14, 2300.58, 'Ольга Петрова', 'enterprise', 412236, '2026-02-09', 184, '2024-02-16 05:30:49+00', '[]', 'c4d87443cf2efb5f', 'c4d87443cf2efb5f', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 13);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Analytical Engines', 'customer42@example.com', 42, 2475.45, 'Chinedu Петрова', 'team', NULL, '2026-04-22', 198, '2023-10-02 10:55:52+00', '[]', 'c516080e864edde6', 'c516080e864edde6', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 41);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Fjord & Co.', 'customer82@example.com', 82, 888.33, 'Grace 田中', 'free', NULL, '2026-02-10', 71, '2020-08-25 03:34:40+00', '[]', 'c5a5e8f93c66dfec', 'c5a5e8f93c66dfec', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 31);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Fjord & Co.', 'customer87@example.com', 87, 5663.49, 'José García', 'free', NULL, '2026-07-08', 453, '2020-02-19 19:28:19+00', '[]', 'c62b6bfdd20a4aa1', 'c62b6bfdd20a4aa1', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 36);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Tōkyō Robotics', 'customer114@example.com', 114, 2688.22, 'Chinedu García', 'enterprise', NULL, NULL, 215, '2022-07-07 01:21:25+00', '["vip", "beta"]', 'c883dff69555423f', 'c883dff69555423f', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 13);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Analytical Engines', 'customer169@example.com', 169, 637.68, 'Fatima Smith', 'business', NULL, '2026-10-08', 51, '2024-05-08 16:52:19+00', '[]', 'c927abc49ba8414c', 'c927abc49ba8414c', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 18);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Café Olé', 'customer190@example.com', 190, 1925.04, 'Fatima Okafor', 'free', NULL, '2026-03-27', 154, '2022-12-09 21:35:02+00', '[]', 'c99a6973f6912634', 'c99a6973f6912634', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 39);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Acme, Inc.', 'customer140@example.com', 140, 3137.6, 'Søren Smith', 'free', NULL, '2026-09-04', 251, '2023-09-15 06:10:15+00', '[]', 'c9c644898a90aa1a', 'c9c644898a90aa1a', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 39);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Analytical Engines', 'customer193@example.com', 193, 2688.26, 'Ada García', 'team', NULL, NULL, 215, '2020-05-29 09:52:08+00', '[]', 'ca4676937aec83a1', 'ca4676937aec83a1', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 42);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Café Olé', 'customer196@example.com', 196, 1675.93, 'Grace Smith', 'free', NULL, '2026-08-21', 134, '2022-08-16 17:24:37+00', '["vip", "beta"]', 'ca55e37bc2e7b82b', 'ca55e37bc2e7b82b', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 45);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Tōkyō Robotics', 'customer86@example.com', 86, 3575.97, '李雷 Haddad', 'business', NULL, '2026-11-14', 286, '2022-08-31 13:03:31+00', '["vip", "beta"]', 'ca88fcd6cf847aea', 'ca88fcd6cf847aea', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 35);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Nimbus', 'customer183@example.com', 183, 3950.48, 'Grace O''Brien', 'enterprise', 199116, NULL, 316, '2021-12-21 15:39:22+00', '[]', 'cc0b4da63a7ead1f', 'cc0b4da63a7ead1f', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 32);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Tōkyō Robotics', 'customer133@example.com', 133, 5363.32, 'Grace O''Brien', 'enterprise', 669233, '2026-01-18', 429, '2021-10-18 17:12:22+00', '["vip", "beta"]', 'ce075098623d4a21', 'ce075098623d4a21', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 32);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Acme, Inc.', 'customer108@example.com', 108, 4425.78, 'Aoife Ørsted', 'business', NULL, '2026-12-17', 354, '2020-01-13 03:28:00+00', '[]', 'd0c4f486938057ac', 'd0c4f486938057ac', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 7);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Café Olé', 'customer131@example.com', 131, 750.07, 'Aoife O''Brien', 'team', NULL, '2026-12-26', 60, '2022-07-08 17:47:55+00', '[]', 'd26f377b5b12d16a', 'd26f377b5b12d16a', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 30);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Acme, Inc.', 'customer38@example.com', 38, 5062.96, 'Ada O''Brien', 'team', NULL, '2026-04-10', 405, '2020-02-21 07:01:57+00', '[]', 'd3ab7fd55aecc857', 'd3ab7fd55aecc857', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 37);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Tōkyō Robotics', 'customer53@example.com', 53, 4600.67, 'Grace Müller', 'business', NULL, NULL, 368, '2022-12-21 18:18:21+00', '[]', 'd40ee62b12925a9e', 'd40ee62b12925a9e', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 2);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Tōkyō Robotics', 'customer40@example.com', 40, 2050.83, 'Nguyễn 田中', 'team', NULL, '2026-05-14', 164, '2023-02-28 00:29:39+00', '[]', 'd623d1c8a2bea0d8', 'd623d1c8a2bea0d8', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 39);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Fjord & Co.', 'customer148@example.com', 148, 1400.06, 'Grace Okafor', 'team', NULL, '2026-10-18', 112, '2022-01-20 17:07:05+00', '["vip", "beta"]', 'd8d648dab206cc28', 'd8d648dab206cc28', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 47);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Acme, Inc.', 'customer44@example.com', 44, 2075.09, 'Ada 田中', 'free', NULL, '2026-09-22', 166, '2020-10-27 17:10:43+00', '["vip", "beta"]', 'd9a807294d1e9af3', 'd9a807294d1e9af3', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 43);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Analytical Engines', 'customer26@example.com', 26, 1938.34, 'Chinedu Müller', 'enterprise', NULL, '2026-02-05', 155, '2022-02-08 01:43:49+00', '[]', 'db0e5d444b70cec7', 'db0e5d444b70cec7', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 25);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Tōkyō Robotics', 'customer189@example.com', 189, 4362.84, 'Zoë Hopper', 'team', 465648, NULL, 349, '2020-06-23 18:05:24+00', '[]', 'db2acee291944130', 'db2acee291944130', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 38);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Tōkyō Robotics', 'customer96@example.com', 96, 4775.15, 'Zoë Müller', 'business', NULL, '2026-08-07', 382, '2023-05-13 15:29:14+00', '[]', 'dba1a5246e7e387c', 'dba1a5246e7e387c', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 45);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Nimbus', 'customer158@example.com', 158, 2275.53, 'Ada Okafor', 'free', 955710, '2026-09-16', 182, '2024-06-13 19:38:18+00', '["vip", "beta"]', 'dd74b22ceef05f3e', 'dd74b22ceef05f3e', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 7);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Tōkyō Robotics', 'customer91@example.com', 91, 1213.3, 'Ada Okafor', 'business', NULL, '2026-06-27', 97, '2020-10-18 04:32:08+00', '[]', 'dd76760f664433ca', 'dd76760f664433ca', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 40);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Acme, Inc.', 'customer188@example.com', 188, 1950.28, 'Aoife García', 'enterprise', 471772, '2026-06-15', 156, '2023-09-07 02:31:34+00', '[]', 'dfd895fca447dae6', 'dfd895fca447dae6', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 37);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Nimbus', 'customer60@example.com', 60, 5137.97, 'José O''Brien', 'business', 737644, '2026-01-20', 411, '2022-08-26 09:20:26+00', '[]', 'e0422636a5d8c077', 'e0422636a5d8c077', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 9);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Nimbus', 'customer65@example.com', 65, 4263.44, 'Grace Smith', 'free', NULL, '2026-04-13', 341, '2021-10-16 05:06:17+00', '[]', 'e0b2917a2925251e', 'e0b2917a2925251e', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 14);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Tōkyō Robotics', 'customer200@example.com', 200, 5763.1, 'Chinedu Ørsted', 'team', 400786, '2026-06-30', 461, '2021-11-02 05:48:31+00', '[]', 'e156112a910d11bf', 'e156112a910d11bf', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 49);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Nimbus', 'customer19@example.com', 19, 1188.42, 'José Haddad', 'business', 190310, NULL, 95, '2020-03-27 13:09:34+00', '[]', 'e3320316ea45c8dd', 'e3320316ea45c8dd', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 18);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Café Olé', 'customer195@example.com', 195, 2688.38, 'Søren 田中', 'team', NULL, '2026-10-11', 215, '2023-07-09 01:41:09+00', '[]', 'e45d8096b62b45c2', 'e45d8096b62b45c2', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 44);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Fjord & Co.', 'customer121@example.com', 121, 5025.7, 'Chinedu Hopper', 'team', NULL, '2026-01-07', 402, '2022-03-21 16:41:23+00', '[]', 'e5207e328d084fa6', 'e5207e328d084fa6', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 20);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Fjord & Co.', 'customer107@example.com', 107, 5775.7, 'Nguyễn Ørsted', 'business', NULL, '2026-04-16', 462, '2020-08-30 17:51:07+00', '[]', 'e6363b9b9bc65aa9', 'e6363b9b9bc65aa9', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 6);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Blue "Sky" Ltd', 'customer175@example.com', 175, 1250.95, 'Ольга 田中', 'business', NULL, NULL, 100, '2022-07-06 08:34:29+00', '[]', 'e6515b65b1783cf3', 'e6515b65b1783cf3', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 24);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Nimbus', 'customer128@example.com', 128, 5525.69, 'Zoë Okafor', 'free', NULL, NULL, 442, '2022-06-14 16:58:56+00', '[]', 'e7d2f117cc51a8f6', 'e7d2f117cc51a8f6', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 27);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Café Olé', 'customer186@example.com', 186, 3475.3, 'José Петрова', 'enterprise', NULL, '2026-09-27', 278, '2023-04-27 03:28:45+00', '[]', 'e880ceb95fe560e2', 'e880ceb95fe560e2', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 35);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Blue "Sky" Ltd', 'customer197@example.com', 197, 5900.15, 'Ada Ørsted', 'enterprise', NULL, '2026-06-18', 472, '2024-04-07 22:55:38+00', '["vip", "beta"]', 'e9b8ba161aa4c54a', 'e9b8ba161aa4c54a', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 46);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Blue "Sky" Ltd', 'customer110@example.com', 110, 3238.13, 'Zoë Lovelace', 'free', NULL, NULL, 259, '2020-11-19 22:31:20+00', '[]', 'eaa08be3efc87200', 'eaa08be3efc87200', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 9);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Acme, Inc.', 'customer89@example.com', 89, 325.1, 'Søren García', 'team', NULL, '2026-11-18', 26, '2024-06-27 13:53:54+00', '[]', 'eb0fc1ecb0dac846', 'eb0fc1ecb0dac846', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 38);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Acme, Inc.', 'customer68@example.com', 68, 6025.6, '美咲 O''Brien', 'enterprise', NULL, NULL, 482, '2023-03-19 07:20:34+00', '[]', 'ecc89489e060ece6', 'ecc89489e060ece6', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 17);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Tōkyō Robotics', 'customer15@example.com', 15, 25.96, 'Grace Hopper', 'team', NULL, '2026-09-30', 2, '2020-05-08 20:46:01+00', '[]', 'ed9b9b9aea8feba4', 'ed9b9b9aea8feba4', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 14);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Tōkyō Robotics', 'customer171@example.com', 171, 2625.35, 'Zoë Haddad', 'enterprise', NULL, '2026-01-25', 210, '2022-10-01 11:55:35+00', '["vip", "beta"]', 'edcffd23af34825b', 'edcffd23af34825b', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 20);
INSERT INTO synced.sample_customers VALUES (false, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Tōkyō Robotics', 'customer177@example.com', 177, 688.3, '李雷 Müller', 'business', NULL, NULL, 55, '2022-04-07 03:00:16+00', '[]', 'eea2226921c8dc43', 'eea2226921c8dc43', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 26);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Tōkyō Robotics', 'customer41@example.com', 41, 1888.14, 'Chinedu Haddad', 'team', NULL, '2026-05-24', 151, '2023-05-30 19:46:39+00', '["vip", "beta"]', 'eee920d0695fe858', 'eee920d0695fe858', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 40);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Fjord & Co.', 'customer4@example.com', 4, 5262.91, 'Grace Okafor', 'enterprise', NULL, NULL, 421, '2022-09-15 02:14:49+00', '[]', 'efc471076f5e3451', 'efc471076f5e3451', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 3);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Dresden", "country": "DE", "postcode": "01067"}', 'Café Olé', 'customer85@example.com', 85, 3100.27, 'Fatima 田中', 'enterprise', NULL, '2026-02-24', 248, '2021-11-30 08:51:11+00', '[]', 'f07649d858d0d3a9', 'f07649d858d0d3a9', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 34);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Fjord & Co.', 'customer198@example.com', 198, 5850.44, 'José Ørsted', 'enterprise', NULL, '2026-01-21', 468, '2022-01-21 17:48:53+00', '[]', 'f2d6413ac9253aa4', 'f2d6413ac9253aa4', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 47);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Acme, Inc.', 'customer178@example.com', 178, 3275.96, 'Aoife Петрова', 'free', NULL, '2026-01-09', 262, '2022-11-22 20:15:33+00', '[]', 'f5b6f6334a38a862', 'f5b6f6334a38a862', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 27);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "Boston", "country": "US", "postcode": "02108"}', 'Fjord & Co.', 'customer113@example.com', 113, 613.14, 'Grace Müller', 'free', 226037, '2026-01-31', 49, '2023-03-15 07:25:51+00', '["vip", "beta"]', 'f5b87992ad3f0db6', 'f5b87992ad3f0db6', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 12);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "London", "country": "GB", "postcode": "EC1A 1BB"}', 'Acme, Inc.', 'customer16@example.com', 16, 2538.05, 'Ada García', 'enterprise', NULL, '2026-09-06', 203, '2023-05-04 20:22:21+00', '[]', 'f68f8ada3a367897', 'f68f8ada3a367897', NULL, '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46.250908+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66ea-7e87-b48c-7ebcb2ef0a5c', 15);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Blue "Sky" Ltd', 'customer157@example.com', 157, 5975.69, 'Søren Lovelace', 'business', NULL, NULL, 478, '2023-04-20 12:55:40+00', '[]', 'f901fc12eaec1d9d', 'f901fc12eaec1d9d', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 6);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "São Paulo", "country": "BR", "postcode": "01310-100"}', 'Café Olé', 'customer172@example.com', 172, 4500.76, 'Grace Lovelace', 'business', NULL, '2026-03-21', 360, '2020-08-26 18:29:20+00', '["vip", "beta"]', 'fb1a8eedecd0123b', 'fb1a8eedecd0123b', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 21);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Tōkyō Robotics', 'customer152@example.com', 152, 3537.85, 'Chinedu García', 'enterprise', NULL, '2026-01-09', 283, '2020-02-25 07:06:51+00', '[]', 'fb2a9a2f997f5233', 'fb2a9a2f997f5233', NULL, '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46.266388+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66fa-7635-9cee-99b3aca55c8d', 1);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Café Olé', 'customer130@example.com', 130, 2050.62, '李雷 Петрова', 'team', NULL, '2026-07-03', 164, '2021-08-22 07:28:23+00', '[]', 'ff961da705e165f2', 'ff961da705e165f2', NULL, '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46.261039+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f5-709f-b80e-e2d677eedcce', 29);
INSERT INTO synced.sample_customers VALUES (true, '{"city": "京都", "country": "JP", "postcode": "600-8216"}', 'Analytical Engines', 'customer52@example.com', 52, 1512.5, 'Fatima Haddad', 'free', NULL, '2026-12-26', 121, '2022-10-13 01:12:44+00', '[]', 'fffcfd7c5c04c480', 'fffcfd7c5c04c480', NULL, '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46.256646+00', '2026-11-30 21:26:46+00', '2026-11-30 21:26:46+00', '01a22e5a-66f0-7a56-b2a1-34b447b25ba1', 1);


--
-- Name: _sqlx_migrations _sqlx_migrations_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);


--
-- Name: adoptions adoptions_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.adoptions
    ADD CONSTRAINT adoptions_pkey PRIMARY KEY (adopted_id);


--
-- Name: backfills backfills_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.backfills
    ADD CONSTRAINT backfills_pkey PRIMARY KEY (sync_id);


--
-- Name: backlog backlog_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.backlog
    ADD CONSTRAINT backlog_pkey PRIMARY KEY (envelope_id);


--
-- Name: catalogues catalogues_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.catalogues
    ADD CONSTRAINT catalogues_pkey PRIMARY KEY (sync_id);


--
-- Name: deletions deletions_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.deletions
    ADD CONSTRAINT deletions_pkey PRIMARY KEY (sync_id, execution_id);


--
-- Name: envelopes envelopes_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes
    ADD CONSTRAINT envelopes_pkey PRIMARY KEY (received_at, envelope_id);


--
-- Name: envelopes_20261130 envelopes_20261130_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes_20261130
    ADD CONSTRAINT envelopes_20261130_pkey PRIMARY KEY (received_at, envelope_id);


--
-- Name: envelopes_20261201 envelopes_20261201_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes_20261201
    ADD CONSTRAINT envelopes_20261201_pkey PRIMARY KEY (received_at, envelope_id);


--
-- Name: envelopes_20261202 envelopes_20261202_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes_20261202
    ADD CONSTRAINT envelopes_20261202_pkey PRIMARY KEY (received_at, envelope_id);


--
-- Name: envelopes_20261203 envelopes_20261203_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes_20261203
    ADD CONSTRAINT envelopes_20261203_pkey PRIMARY KEY (received_at, envelope_id);


--
-- Name: envelopes_20261204 envelopes_20261204_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes_20261204
    ADD CONSTRAINT envelopes_20261204_pkey PRIMARY KEY (received_at, envelope_id);


--
-- Name: envelopes_20261205 envelopes_20261205_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes_20261205
    ADD CONSTRAINT envelopes_20261205_pkey PRIMARY KEY (received_at, envelope_id);


--
-- Name: envelopes_20261206 envelopes_20261206_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes_20261206
    ADD CONSTRAINT envelopes_20261206_pkey PRIMARY KEY (received_at, envelope_id);


--
-- Name: envelopes_20261207 envelopes_20261207_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.envelopes_20261207
    ADD CONSTRAINT envelopes_20261207_pkey PRIMARY KEY (received_at, envelope_id);


--
-- Name: erasures erasures_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (erasure_id);


--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (event_id);


--
-- Name: fields fields_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.fields
    ADD CONSTRAINT fields_pkey PRIMARY KEY (sync_id, name);


--
-- Name: heads heads_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.heads
    ADD CONSTRAINT heads_pkey PRIMARY KEY (received_at, envelope_id);


--
-- Name: installation installation_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (only_row);


--
-- Name: records records_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.records
    ADD CONSTRAINT records_pkey PRIMARY KEY (sync_id, hash);


--
-- Name: rejections rejections_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.rejections
    ADD CONSTRAINT rejections_pkey PRIMARY KEY (rejection_id);


--
-- Name: replay_counts replay_counts_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.replay_counts
    ADD CONSTRAINT replay_counts_pkey PRIMARY KEY (sync_id, hash);


--
-- Name: replaying replaying_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.replaying
    ADD CONSTRAINT replaying_pkey PRIMARY KEY (envelope_id);


--
-- Name: replays replays_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.replays
    ADD CONSTRAINT replays_pkey PRIMARY KEY (replay_id);


--
-- Name: retention retention_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.retention
    ADD CONSTRAINT retention_pkey PRIMARY KEY (only_row);


--
-- Name: runs runs_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (sync_id, execution_id);


--
-- Name: same_values same_values_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.same_values
    ADD CONSTRAINT same_values_pkey PRIMARY KEY (sync_id, digest);


--
-- Name: split_versions split_versions_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.split_versions
    ADD CONSTRAINT split_versions_pkey PRIMARY KEY (sync_id, key, since);


--
-- Name: sync_sources sync_sources_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.sync_sources
    ADD CONSTRAINT sync_sources_pkey PRIMARY KEY (source_id);


--
-- Name: syncs syncs_pkey; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.syncs
    ADD CONSTRAINT syncs_pkey PRIMARY KEY (sync_id);


--
-- Name: syncs syncs_table_name_key; Type: CONSTRAINT; Schema: polysink; Owner: -
--

ALTER TABLE ONLY polysink.syncs
    ADD CONSTRAINT syncs_table_name_key UNIQUE (table_name);


--
-- Name: customers_history customers_history_pkey; Type: CONSTRAINT; Schema: synced; Owner: -
--

ALTER TABLE ONLY synced.customers_history
    ADD CONSTRAINT customers_history_pkey PRIMARY KEY (_key, _sent_at, _envelope_id, _position);


--
-- Name: customers customers_pkey; Type: CONSTRAINT; Schema: synced; Owner: -
--

ALTER TABLE ONLY synced.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (_key);


--
-- Name: renamed renamed_pkey; Type: CONSTRAINT; Schema: synced; Owner: -
--

ALTER TABLE ONLY synced.renamed
    ADD CONSTRAINT renamed_pkey PRIMARY KEY (_key);


--
-- Name: sample_customers sample_customers_pkey; Type: CONSTRAINT; Schema: synced; Owner: -
--

ALTER TABLE ONLY synced.sample_customers
    ADD CONSTRAINT sample_customers_pkey PRIMARY KEY (_key);


--
-- Name: backlog_entered_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX backlog_entered_at_idx ON polysink.backlog USING btree (entered_at);


--
-- Name: backlog_sync_id_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX backlog_sync_id_idx ON polysink.backlog USING btree (sync_id, sent_at, envelope_id);


--
-- Name: envelopes_sync_id_received_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX envelopes_sync_id_received_at_idx ON ONLY polysink.envelopes USING btree (sync_id, received_at);


--
-- Name: envelopes_20261130_sync_id_received_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX envelopes_20261130_sync_id_received_at_idx ON polysink.envelopes_20261130 USING btree (sync_id, received_at);


--
-- Name: envelopes_20261201_sync_id_received_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX envelopes_20261201_sync_id_received_at_idx ON polysink.envelopes_20261201 USING btree (sync_id, received_at);


--
-- Name: envelopes_20261202_sync_id_received_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX envelopes_20261202_sync_id_received_at_idx ON polysink.envelopes_20261202 USING btree (sync_id, received_at);


--
-- Name: envelopes_20261203_sync_id_received_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX envelopes_20261203_sync_id_received_at_idx ON polysink.envelopes_20261203 USING btree (sync_id, received_at);


--
-- Name: envelopes_20261204_sync_id_received_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX envelopes_20261204_sync_id_received_at_idx ON polysink.envelopes_20261204 USING btree (sync_id, received_at);


--
-- Name: envelopes_20261205_sync_id_received_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX envelopes_20261205_sync_id_received_at_idx ON polysink.envelopes_20261205 USING btree (sync_id, received_at);


--
-- Name: envelopes_20261206_sync_id_received_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX envelopes_20261206_sync_id_received_at_idx ON polysink.envelopes_20261206 USING btree (sync_id, received_at);


--
-- Name: envelopes_20261207_sync_id_received_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX envelopes_20261207_sync_id_received_at_idx ON polysink.envelopes_20261207 USING btree (sync_id, received_at);


--
-- Name: erasures_started_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX erasures_started_at_idx ON polysink.erasures USING btree (started_at);


--
-- Name: events_received_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX events_received_at_idx ON polysink.events USING btree (received_at);


--
-- Name: events_sync_id_received_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX events_sync_id_received_at_idx ON polysink.events USING btree (sync_id, received_at);


--
-- Name: heads_sync_id_received_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX heads_sync_id_received_at_idx ON ONLY polysink.heads USING btree (sync_id, received_at);


--
-- Name: records_revised_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX records_revised_idx ON polysink.records USING btree (sync_id, hash) WHERE revised;


--
-- Name: rejections_open_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX rejections_open_idx ON polysink.rejections USING btree (received_at, rejection_id) WHERE (settled_at IS NULL);


--
-- Name: rejections_received_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX rejections_received_at_idx ON polysink.rejections USING btree (received_at);


--
-- Name: rejections_refused_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX rejections_refused_idx ON polysink.rejections USING btree (envelope_id) WHERE ((scope = 'record'::text) AND (reason = 'unstorable'::text) AND (settlement IS DISTINCT FROM 'replayed'::text));


--
-- Name: rejections_unprojectable_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX rejections_unprojectable_idx ON polysink.rejections USING btree (envelope_id) WHERE ((scope = 'record'::text) AND (reason = ANY (ARRAY['key_too_large'::text, 'unprojectable'::text])) AND (settled_at IS NULL));


--
-- Name: replay_counts_correction_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX replay_counts_correction_idx ON polysink.replay_counts USING btree (sync_id, hash) WHERE (correction IS NOT NULL);


--
-- Name: replaying_left_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX replaying_left_idx ON polysink.replaying USING btree (sent_at, envelope_id) WHERE (NOT done);


--
-- Name: runs_completed_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX runs_completed_at_idx ON polysink.runs USING btree (completed_at);


--
-- Name: runs_source_id_check_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX runs_source_id_check_at_idx ON polysink.runs USING btree (source_id, check_at);


--
-- Name: runs_source_id_completed_at_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX runs_source_id_completed_at_idx ON polysink.runs USING btree (source_id, completed_at);


--
-- Name: runs_whole_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX runs_whole_idx ON polysink.runs USING btree (sync_id, started_at) WHERE (full_run AND (verdict = 'complete'::text));


--
-- Name: same_values_hash_idx; Type: INDEX; Schema: polysink; Owner: -
--

CREATE INDEX same_values_hash_idx ON polysink.same_values USING btree (sync_id, hash);


--
-- Name: customers__key_idx; Type: INDEX; Schema: synced; Owner: -
--

CREATE INDEX customers__key_idx ON synced.customers USING btree (_key) WHERE (_unfit IS NOT NULL);


--
-- Name: customers_history__key_idx; Type: INDEX; Schema: synced; Owner: -
--

CREATE INDEX customers_history__key_idx ON synced.customers_history USING btree (_key) WHERE (_unfit IS NOT NULL);


--
-- Name: polysink_identity_6e582d3a; Type: INDEX; Schema: synced; Owner: -
--

CREATE INDEX polysink_identity_6e582d3a ON synced.customers USING btree (id);


--
-- Name: polysink_identity_bd19ce8d; Type: INDEX; Schema: synced; Owner: -
--

CREATE INDEX polysink_identity_bd19ce8d ON synced.customers_history USING btree (id);


--
-- Name: renamed__key_idx; Type: INDEX; Schema: synced; Owner: -
--

CREATE INDEX renamed__key_idx ON synced.renamed USING btree (_key) WHERE (_unfit IS NOT NULL);


--
-- Name: sample_customers__key_idx; Type: INDEX; Schema: synced; Owner: -
--

CREATE INDEX sample_customers__key_idx ON synced.sample_customers USING btree (_key) WHERE (_unfit IS NOT NULL);


--
-- Name: envelopes_20261130_pkey; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_pkey ATTACH PARTITION polysink.envelopes_20261130_pkey;


--
-- Name: envelopes_20261130_sync_id_received_at_idx; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_sync_id_received_at_idx ATTACH PARTITION polysink.envelopes_20261130_sync_id_received_at_idx;


--
-- Name: envelopes_20261201_pkey; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_pkey ATTACH PARTITION polysink.envelopes_20261201_pkey;


--
-- Name: envelopes_20261201_sync_id_received_at_idx; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_sync_id_received_at_idx ATTACH PARTITION polysink.envelopes_20261201_sync_id_received_at_idx;


--
-- Name: envelopes_20261202_pkey; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_pkey ATTACH PARTITION polysink.envelopes_20261202_pkey;


--
-- Name: envelopes_20261202_sync_id_received_at_idx; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_sync_id_received_at_idx ATTACH PARTITION polysink.envelopes_20261202_sync_id_received_at_idx;


--
-- Name: envelopes_20261203_pkey; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_pkey ATTACH PARTITION polysink.envelopes_20261203_pkey;


--
-- Name: envelopes_20261203_sync_id_received_at_idx; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_sync_id_received_at_idx ATTACH PARTITION polysink.envelopes_20261203_sync_id_received_at_idx;


--
-- Name: envelopes_20261204_pkey; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_pkey ATTACH PARTITION polysink.envelopes_20261204_pkey;


--
-- Name: envelopes_20261204_sync_id_received_at_idx; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_sync_id_received_at_idx ATTACH PARTITION polysink.envelopes_20261204_sync_id_received_at_idx;


--
-- Name: envelopes_20261205_pkey; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_pkey ATTACH PARTITION polysink.envelopes_20261205_pkey;


--
-- Name: envelopes_20261205_sync_id_received_at_idx; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_sync_id_received_at_idx ATTACH PARTITION polysink.envelopes_20261205_sync_id_received_at_idx;


--
-- Name: envelopes_20261206_pkey; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_pkey ATTACH PARTITION polysink.envelopes_20261206_pkey;


--
-- Name: envelopes_20261206_sync_id_received_at_idx; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_sync_id_received_at_idx ATTACH PARTITION polysink.envelopes_20261206_sync_id_received_at_idx;


--
-- Name: envelopes_20261207_pkey; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_pkey ATTACH PARTITION polysink.envelopes_20261207_pkey;


--
-- Name: envelopes_20261207_sync_id_received_at_idx; Type: INDEX ATTACH; Schema: polysink; Owner: -
--

ALTER INDEX polysink.envelopes_sync_id_received_at_idx ATTACH PARTITION polysink.envelopes_20261207_sync_id_received_at_idx;


--
-- PostgreSQL database dump complete
--


