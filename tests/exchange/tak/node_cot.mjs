// Run in the folder of `node_modules` (software.py). A client of @tak-ps/node-cot: reads what a socket brings (XML, or frames of TAK protocol 1), prints each event as GeoJSON, and says it again in its own way.
import net from 'node:net';
import { CoTParser } from '@tak-ps/node-cot';

const [port, form] = process.argv.slice(2);
const socket = net.connect(Number(port), '127.0.0.1');
let rest = Buffer.alloc(0);

function frame(bytes) {
    const head = [0xbf];
    let left = bytes.length;
    for (; left > 0x7f; left >>>= 7) head.push((left & 0x7f) | 0x80);
    return Buffer.concat([Buffer.from([...head, left]), bytes]);
}

async function told(cot) {
    console.log(JSON.stringify({ raw: cot.raw.event._attributes, feature: await CoTParser.to_geojson(cot) }));
    socket.write(form === 'tak' ? frame(Buffer.from(await CoTParser.to_proto(cot))) : CoTParser.to_xml(cot));
}

async function cut() {
    for (;;) {
        if (form === 'tak') {
            let length = 0, shift = 0, at = 1;
            for (; at < rest.length; at++) {
                length |= (rest[at] & 0x7f) << shift; shift += 7;
                if (rest[at] < 0x80) break;
            }
            if (at >= rest.length || rest.length < at + 1 + length) return;
            const message = rest.subarray(at + 1, at + 1 + length);
            rest = rest.subarray(at + 1 + length);
            await told(await CoTParser.from_proto(message));
        } else {
            const end = rest.indexOf('</event>');
            if (end < 0) return;
            const text = rest.subarray(0, end + 8).toString();
            rest = rest.subarray(end + 8);
            await told(CoTParser.from_xml(text));
        }
    }
}

let working = Promise.resolve();
socket.on('data', (data) => { working = working.then(() => { rest = Buffer.concat([rest, data]); return cut(); }); });
