export function isEnded(trace) {
    return 'end' in trace;
}
export const SOCKET_NAME = 'shepherd.sock';
export const LOG_NAME = 'shepherd.log';
export const JOURNAL_NAME = 'journal';
const HEAD_LENGTH_BYTES = 4;
export function encodeMessage(head, ...tail) {
    const text = Buffer.from(JSON.stringify(head));
    const length = Buffer.alloc(HEAD_LENGTH_BYTES);
    length.writeUInt32BE(text.byteLength);
    return Buffer.concat([length, text, ...tail]);
}
/** Both ends are of one version and one user, so the shape of the head is taken on trust. */
export function decodeMessage(message) {
    const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
    const headEnd = HEAD_LENGTH_BYTES + bytes.readUInt32BE(0);
    const head = JSON.parse(bytes.toString('utf8', HEAD_LENGTH_BYTES, headEnd));
    return { head, tail: message.subarray(headEnd) };
}
//# sourceMappingURL=protocol.js.map