"""Welkin for programs in Python: being moved while they run, and system calls. Needs nothing but this file.

    import os, sys
    sys.path.append(os.environ["WELKIN_CLIENTS"])
    import welkin

    n = int(welkin.restored() or 0)         # the state to go on from; None: it begins
    while True:
        print(n, flush=True)
        n += 1
        welkin.point(lambda: str(n))        # between two steps: gives the state when it is asked

Outside of Welkin `restored` gives None and `point` does nothing. `call("whoami", {})` makes a system call that has one
reply. The protocol is described in packages/wire/src/frames.ts; values are MessagePack.
"""

import os
import select
import socket
import struct
import time

__all__ = ["Fault", "call", "point", "restored"]

_VERSION = 1
_HELLO, _REQUEST, _REPLY, _ERROR, _OPEN, _DATA, _END, _STOP, _CREDIT = 1, 2, 3, 4, 6, 7, 8, 9, 10
_ANSWER = 0x80
_PAYLOAD_MAX = 4 << 20
_WINDOW = 1 << 20
_MESSAGE_OVERHEAD = 64
_PATIENCE_S = 5
_AGAIN_S = 1
_INLINE_MAX = 512 << 10
_STATE_FILE = ".welkin-state"
_DIRECTORY = os.getcwd()


class Fault(Exception):
    """What a node answered instead of a reply; `code` is a POSIX name such as ENOENT."""

    def __init__(self, record):
        super().__init__("%s: %s" % (record.get("code"), record.get("message")))
        self.code = record.get("code")
        self.fields = record.get("fields") or {}


class _Gone(ConnectionError):
    """The node has closed the connection; it may come back."""


def restored():
    """The state that this program is to go on from, as bytes; None: it begins."""
    path = os.environ.get("WELKIN_RESTORE")
    if path is None:
        return None
    with open(path, "rb") as file:
        return file.read()


def point(give):
    """A place between two steps, at which the program can be taken up.

    When it is asked for its state, `give()` says it: bytes, str, or a path (os.PathLike) below the working directory.
    Then the program stands still here, until it may go on; or it goes on elsewhere, from `restored()`. What takes
    longer than ten seconds between two points cannot be moved meanwhile. Raises what `give` raises, and Fault where
    the node refuses the program as one that can be asked.
    """
    connection = _connected()
    if connection is None:
        return
    try:
        upcall = connection.upcall(wait=False)
        while upcall is not None:
            if upcall["signal"] == "checkpoint":
                _answer(connection, upcall, give)
            upcall = connection.upcall(wait=False)
    except _Gone:
        _disconnect()


def call(name, args=None):
    """Makes a system call in this object's own name, and returns its reply. Raises Fault; OSError without a node."""
    connection = _connected(register=False)
    if connection is None:
        raise _Gone("No node answers at WELKIN_SOCKET.")
    try:
        return connection.request(name, args or {})
    except _Gone:
        _disconnect()
        raise


def _answer(connection, upcall, give):
    number = upcall["number"]
    try:
        answer = _given(give())
    except Exception as error:
        message = "The program could not give its state: %s" % error
        connection.send({"number": number, "error": {"code": "EFAULT", "message": message}})
        raise
    connection.send({"number": number, **answer})
    while upcall.get("stop") and connection.upcall(wait=True)["signal"] != "resume":
        pass


def _given(state):
    if isinstance(state, os.PathLike):
        return {"file": os.fspath(state)}
    content = state.encode() if isinstance(state, str) else bytes(state)
    if len(content) <= _INLINE_MAX:
        return {"bytes": content}
    path = os.path.join(_DIRECTORY, _STATE_FILE)
    with open(path, "wb") as file:
        file.write(content)
    return {"file": path}


_connection = None
_tried_at = None


def _connected(register=True):
    global _connection, _tried_at
    if _connection is None:
        path = os.environ.get("WELKIN_SOCKET")
        if path is None or (_tried_at is not None and time.monotonic() - _tried_at < _AGAIN_S):
            return None
        _tried_at = time.monotonic()
        try:
            _connection = _Connection(path, os.environ.get("WELKIN_TOKEN", ""))
        except OSError:
            return None
    if register:
        try:
            _connection.register()
        except _Gone:
            _disconnect()
    return _connection


def _disconnect():
    global _connection
    if _connection is not None:
        _connection.close()
    _connection = None


class _Connection:
    def __init__(self, path, token):
        self._chain = [token.encode()] if token else []
        self._received = b""
        self._last_id = 0
        self._channel = None
        self._credit = 0
        self._upcalls = []
        self._replies = {}
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.settimeout(_PATIENCE_S)
            self._socket.connect(path)
            self._put(_HELLO, 0, struct.pack(">HI", _VERSION, _PAYLOAD_MAX))
            kind, _, payload = self._frame()
            if kind != _HELLO or struct.unpack(">H", payload[:2])[0] != _VERSION:
                raise _Gone("The node speaks another version.")
            self._socket.settimeout(None)
        except OSError:
            self._socket.close()
            raise

    def close(self):
        self._socket.close()

    def register(self):
        if self._channel is not None:
            return
        self._channel = self._draw_id()
        opening = struct.pack(">II", 0, _WINDOW) + self._call("handle", {"signals": ["checkpoint"]})
        self._put(_OPEN, self._channel, opening)

    def upcall(self, wait):
        """The next one; None: there is none now. Raises _Gone."""
        while not self._upcalls:
            if not wait and not self._there_is_more():
                return None
            self._take()
        return self._upcalls.pop(0)

    def send(self, item):
        while self._credit <= 0:
            self._take()
        message = _pack(item)
        self._credit -= len(message) + _MESSAGE_OVERHEAD
        self._put(_DATA, self._channel, message)

    def request(self, name, args):
        number = self._draw_id()
        self._put(_REQUEST, number, struct.pack(">I", 0) + self._call(name, args))
        while number not in self._replies:
            self._take()
        kind, payload = self._replies.pop(number)
        if kind == _ERROR:
            raise Fault(_unpack(payload))
        return _unpack(payload)

    def _call(self, name, args):
        return _pack([name, args, os.urandom(16).hex(), None, 0, self._chain])

    def _draw_id(self):
        self._last_id += 1
        return self._last_id

    def _there_is_more(self):
        if len(self._received) >= 4 and len(self._received) >= 4 + struct.unpack(">I", self._received[:4])[0]:
            return True
        return bool(select.select([self._socket], [], [], 0)[0])

    def _take(self):
        """Takes one frame. Raises _Gone, Fault when it refuses the registration."""
        kind, number, payload = self._frame()
        if not kind & _ANSWER:
            return
        kind &= ~_ANSWER
        if number != self._channel:
            self._replies[number] = (kind, payload)
        elif kind == _DATA:
            self._upcalls.append(_unpack(payload))
            self._put(_CREDIT, number, struct.pack(">I", len(payload) + _MESSAGE_OVERHEAD))
        elif kind == _CREDIT:
            self._credit += struct.unpack(">I", payload)[0]
        elif kind == _ERROR:
            fault = Fault(_unpack(payload))
            if fault.code in ("ECONNRESET", "EHOSTDOWN"):
                raise _Gone(str(fault))
            raise fault
        elif kind in (_END, _STOP):
            raise _Gone("The node asks this program no more.")

    def _frame(self):
        head = self._bytes(9)
        length, kind, number = struct.unpack(">IBI", head)
        payload = self._bytes(9 + length - 5)[9:]
        self._received = self._received[4 + length:]
        return kind, number, payload

    def _bytes(self, count):
        """The first so many bytes of what has come and is not taken yet."""
        while len(self._received) < count:
            try:
                piece = self._socket.recv(1 << 16)
            except OSError as error:
                raise _Gone(str(error)) from error
            if not piece:
                raise _Gone("The node has closed the connection.")
            self._received += piece
        return self._received[:count]

    def _put(self, kind, number, payload):
        try:
            self._socket.sendall(struct.pack(">IBI", 5 + len(payload), kind, number) + payload)
        except OSError as error:
            raise _Gone(str(error)) from error


def _pack(value):
    if value is None:
        return b"\xc0"
    if value is False or value is True:
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return struct.pack(">b", value) if -32 <= value < 128 else struct.pack(">Bq", 0xD3, value)
    if isinstance(value, float):
        return struct.pack(">Bd", 0xCB, value)
    if isinstance(value, str):
        content = value.encode()
        return struct.pack(">BI", 0xDB, len(content)) + content
    if isinstance(value, (bytes, bytearray)):
        return struct.pack(">BI", 0xC6, len(value)) + bytes(value)
    if isinstance(value, (list, tuple)):
        return struct.pack(">BI", 0xDD, len(value)) + b"".join(map(_pack, value))
    if isinstance(value, dict):
        pairs = b"".join(_pack(key) + _pack(each) for key, each in value.items())
        return struct.pack(">BI", 0xDF, len(value)) + pairs
    raise TypeError("%s cannot be sent." % type(value).__name__)


_NUMBERS = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q",
    0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"
}
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
_SIZED = {
    0xD9: (">B", "text"), 0xDA: (">H", "text"), 0xDB: (">I", "text"),
    0xC4: (">B", "bytes"), 0xC5: (">H", "bytes"), 0xC6: (">I", "bytes"),
    0xDC: (">H", "list"), 0xDD: (">I", "list"), 0xDE: (">H", "map"), 0xDF: (">I", "map")
}


def _unpack(message):
    value, at = _value(message, 0)
    if at != len(message):
        raise ValueError("There is more than one value.")
    return value


def _value(message, at):
    first = message[at]
    at += 1
    if first < 0x80:
        return first, at
    if first >= 0xE0:
        return first - 0x100, at
    if first < 0x90:
        return _sized("map", first & 0x0F, message, at)
    if first < 0xA0:
        return _sized("list", first & 0x0F, message, at)
    if first < 0xC0:
        return _sized("text", first & 0x1F, message, at)
    if first in _CONSTANTS:
        return _CONSTANTS[first], at
    if first in _NUMBERS:
        number, at = _number(_NUMBERS[first], message, at)
        return number, at
    if first in _SIZED:
        layout, what = _SIZED[first]
        count, at = _number(layout, message, at)
        return _sized(what, count, message, at)
    raise ValueError("0x%02x begins no value that is known here." % first)


def _number(layout, message, at):
    return struct.unpack_from(layout, message, at)[0], at + struct.calcsize(layout)


def _sized(what, count, message, at):
    if what in ("text", "bytes"):
        content = message[at:at + count]
        return content.decode() if what == "text" else content, at + count
    if what == "list":
        items = []
        for _ in range(count):
            item, at = _value(message, at)
            items.append(item)
        return items, at
    pairs = {}
    for _ in range(count):
        key, at = _value(message, at)
        pairs[key], at = _value(message, at)
    return pairs, at
