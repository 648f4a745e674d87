// Reads every WARC file of an archive with warcio and recomputes what its records say of themselves: the length and the digest of each
// block, and the digest of each payload.
//
// usage: node warcio.mjs FOLDER_WITH_NODE_MODULES ARCHIVE
import { createHash } from "node:crypto";
import { createReadStream, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [modules, archive] = process.argv.slice(2).map((p) => resolve(p));
const { AsyncIterReader, WARCParser } = createRequire(join(modules, "package.json"))("warcio");

const counts = {};
const faults = [];

// base32 is RFC 4648 without padding: the usual form of SHA-1 in WARC files.
function base32(bytes) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const b of bytes) bits += b.toString(2).padStart(8, "0");
  return bits.match(/.{1,5}/g).map((b) => letters[parseInt(b.padEnd(5, "0"), 2)]).join("");
}

function check(where, field, labelled, bytes) {
  if (!labelled) return;
  const algorithm = labelled.slice(0, labelled.indexOf(":"));
  const sum = createHash(algorithm).update(bytes).digest();
  const found = `${algorithm}:${algorithm === "sha1" ? base32(sum) : sum.toString("hex")}`;
  if (found !== labelled) faults.push(`${where}: ${field} is ${labelled}, found ${found}`);
}

async function blocks(file) {
  for await (const r of new WARCParser(createReadStream(file), { parseHttp: false })) {
    const where = `${file} ${r.warcType} ${r.warcTargetURI ?? ""}`;
    const block = await r.readFully(false);
    counts[r.warcType] = (counts[r.warcType] ?? 0) + 1;
    if (block.length !== r.warcContentLength) faults.push(`${where}: block of ${block.length} bytes, Content-Length ${r.warcContentLength}`);
    check(where, "WARC-Block-Digest", r.warcBlockDigest, block);
  }
}

async function payloads(file) {
  for await (const r of new WARCParser(createReadStream(file))) {
    if (r.warcType !== "response" || !r.httpHeaders) {
      await r.skipFully();
      continue;
    }
    let entity = await r.readFully(false);
    if (/chunked/i.test(r.httpHeaders.headers.get("transfer-encoding") ?? "")) {
      entity = await new AsyncIterReader([entity], null, true).readFully();
    }
    check(`${file} ${r.warcTargetURI}`, "WARC-Payload-Digest", r.warcPayloadDigest, entity);
  }
}

for (const name of readdirSync(archive, { recursive: true })) {
  if (!name.endsWith(".warc.gz")) continue;
  await blocks(join(archive, name));
  await payloads(join(archive, name));
}
console.log("records read:", JSON.stringify(counts));
if (!counts.response) faults.push("no response record was found");
for (const f of faults) console.log(f);
process.exit(faults.length ? 1 : 0);
