// kinesalite under a clock that the caller moves, so that both sides live at the same instant and waits cost nothing.
//
// node server.cjs PATH_OF_KINESALITE START_MS SHARD_LIMIT: prints its port, then answers each line "MILLISECONDS" on standard input with "ok" once what fell due is done.
'use strict'

const [, , path, start, shardLimit] = process.argv
let now = Number(start)
let made = 0
const waiting = []

Date.now = () => now
globalThis.setTimeout = (run, millis) => {
  waiting.push({ at: now + (millis || 0), order: made++, run })
  return {}
}

const settled = async () => {
  for (let turn = 0; turn < 40; turn++) await new Promise((done) => setImmediate(done))
}

const advance = async (millis) => {
  const until = now + millis
  for (;;) {
    waiting.sort((a, b) => a.at - b.at || a.order - b.order)
    if (!waiting.length || waiting[0].at > until) break
    const next = waiting.shift()
    now = Math.max(now, next.at)
    next.run()
    await settled()
  }
  now = until
}

// The durations are the account's own: 10 s to create or delete a stream, 30 s to reshard one.
const options = { createStreamMs: 10000, deleteStreamMs: 10000, updateStreamMs: 30000, shardLimit: Number(shardLimit) }
const server = require(path)(options)
server.listen(0, '127.0.0.1', () => console.log(server.address().port))

let before = Promise.resolve()
require('readline')
  .createInterface({ input: process.stdin })
  .on('line', (line) => {
    before = before.then(() => advance(Number(line))).then(() => console.log('ok'))
  })
  .on('close', () => process.exit(0))
