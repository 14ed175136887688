namespace Cleave.KernelTests.Harness;

/// <summary>
/// The servers of a played internet: <c>serve.py NAME TEXT PORT ADDRESS [dns]</c>. Web: any path gives the text. Names: www.example has both families,
/// four.example IPv4 only, big.example an answer that is too long for a datagram, alias.example leads to www.example, silent.example is never answered,
/// broken.example fails; nothing else exists.
/// </summary>
internal static class InternetProgram
{
    public const string Text =
        """
        import http.server, socket, struct, sys, threading
        name, text, port, address = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]

        class Web(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header('Content-Length', str(len(text) + 1))
                self.end_headers()
                self.wfile.write((text + '\n').encode())
            def log_message(self, *what): pass

        class Server(http.server.ThreadingHTTPServer):
            address_family = socket.AF_INET6 if ':' in address else socket.AF_INET
            request_queue_size = 128

        A, CNAME, TXT, AAAA = 1, 5, 16, 28
        V4, V6 = socket.inet_aton('198.51.100.1'), socket.inet_pton(socket.AF_INET6, '2001:db8:1::1')
        RECORDS = {
            'www.example': {A: [V4], AAAA: [V6]},
            'four.example': {A: [V4]},
            'big.example': {TXT: [bytes([200]) + b'%03d' % i + b'x' * 197 for i in range(12)], A: [V4]},
        }

        def wire(name):
            return b''.join(bytes([len(l)]) + l.encode() for l in name.split('.')) + b'\0'

        def answer(query, by_tcp):
            labels, at = [], 12
            while query[at]:
                labels.append(query[at + 1:at + 1 + query[at]].decode())
                at += 1 + query[at]
            kind = struct.unpack('>H', query[at + 1:at + 3])[0]
            asked = '.'.join(labels).lower()
            with open('questions', 'a') as log: log.write(f'{asked} {kind}\n')
            if asked == 'silent.example': return None
            question, records, code = query[12:at + 5], [], 0
            known = RECORDS.get('www.example' if asked == 'alias.example' else asked)
            owner = b'\xc0\x0c'
            if asked == 'broken.example': code = 2
            elif known is None: code = 3
            elif asked == 'alias.example':
                records.append(owner + struct.pack('>HHIH', CNAME, 1, 60, len(wire('www.example'))) + wire('www.example'))
                owner = wire('www.example')
            if known:
                for data in known.get(kind, []):
                    records.append(owner + struct.pack('>HHIH', kind, 1, 60, len(data)) + data)
            body = b''.join(records)
            flags, count = 0x8180 | code, len(records)
            size = 512
            if struct.unpack('>H', query[10:12])[0] == 1: size = max(size, struct.unpack('>H', query[at + 8:at + 10])[0])
            if not by_tcp and 12 + len(question) + len(body) > size: flags, count, body = flags | 0x0200, 0, b''
            return query[:2] + struct.pack('>HHHHH', flags, 1, count, 0, 0) + question + body

        def udp():
            s = socket.socket(Server.address_family, socket.SOCK_DGRAM)
            s.bind((address, 53))
            while True:
                query, who = s.recvfrom(4096)
                try: said = answer(query, False)
                except Exception: continue
                if said: s.sendto(said, who)

        def tcp(s):
            while True:
                c = s.accept()[0]
                threading.Thread(target=serve, args=(c,), daemon=True).start()

        def serve(c):
            f = c.makefile('rb')
            while len(head := f.read(2)) == 2:
                said = answer(f.read(struct.unpack('>H', head)[0]), True)
                if said: c.sendall(struct.pack('>H', len(said)) + said)

        web = Server((address, port), Web)
        if 'dns' in sys.argv:
            threading.Thread(target=udp, daemon=True).start()
            threading.Thread(target=tcp, args=(socket.create_server((address, 53), family=Server.address_family, backlog=64, dualstack_ipv6=':' in address),), daemon=True).start()
        open(name + '.ready', 'w').close()
        web.serve_forever()

        """;
}
