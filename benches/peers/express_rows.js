// What most people write first: Express, node-postgres, one upsert per record in a transaction.
import express from 'express'; import pg from 'pg'; import cluster from 'node:cluster'; import crypto from 'node:crypto';
const secret = Buffer.from('Bearer secret');
if (cluster.isPrimary) { for (let i = 0; i < 2; i++) cluster.fork(); } else {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 8 });
  const app = express(); app.use(express.json({ limit: '64mb', verify: (req, _res, buf) => { req.raw = buf } }));
  app.post('/webhooks/polytomic', async (req, res) => {
    const a = Buffer.from(req.headers.authorization ?? ''); if (a.length !== secret.length || !crypto.timingSafeEqual(a, secret)) return res.sendStatus(401);
    if (Math.abs(Date.now() - new Date(req.headers['polytomic-signature-timestamp'])) > 300000) return res.sendStatus(400);
    const o = req.body.object, c = await pool.connect();
    try { await c.query('begin');
      await c.query('insert into peer.envelopes(sync_id, body) values ($1, $2)', [o.id, req.raw.toString()]);
      for (const r of o.records) await c.query({ name: 'u', text: 'insert into peer.records(sync_id,hash,fields) values ($1,$2,$3) on conflict (sync_id,hash) do update set last_seen_at = now()', values: [o.id, r.hash, r.fields] });
      await c.query('commit'); res.json({ received: true });
    } catch (e) { await c.query('rollback'); res.status(500).json({ error: e.message }) } finally { c.release() }
  });
  app.listen(Number(process.env.PORT));
}
