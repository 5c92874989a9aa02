// A hand-tuned Node receiver: Fastify, two processes, one unnest statement per delivery.
import Fastify from 'fastify'; import pg from 'pg'; import cluster from 'node:cluster'; import crypto from 'node:crypto'; import zlib from 'node:zlib';
const secret = Buffer.from('Bearer secret');
if (cluster.isPrimary) { for (let i = 0; i < 2; i++) cluster.fork(); } else {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 });
  const app = Fastify({ bodyLimit: 64 << 20 });
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (req, b, done) => { if (req.headers['content-encoding'] === 'gzip') b = zlib.gunzipSync(b); done(null, b.toString()) });
  app.post('/webhooks/polytomic', async (req, rep) => {
    const a = Buffer.from(req.headers.authorization ?? ''); if (a.length !== secret.length || !crypto.timingSafeEqual(a, secret)) return rep.code(401).send();
    if (Math.abs(Date.now() - new Date(req.headers['polytomic-signature-timestamp'])) > 300000) return rep.code(400).send();
    const o = JSON.parse(req.body).object, seen = new Map(); for (const r of o.records) seen.set(r.hash, JSON.stringify(r.fields));
    await pool.query({ name: 'all', text: `with e as (insert into peer.envelopes(sync_id, body) values ($1, $2))
      insert into peer.records(sync_id,hash,fields) select $1, h, f::jsonb from unnest($3::text[], $4::text[]) u(h, f) on conflict (sync_id,hash) do update set last_seen_at = now()`, values: [o.id, req.body, [...seen.keys()], [...seen.values()]] });
    return { received: true };
  });
  app.listen({ port: Number(process.env.PORT) });
}
