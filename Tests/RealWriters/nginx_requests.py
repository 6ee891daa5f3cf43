#!/usr/bin/env python3
"""Sends requests to an nginx on a unix socket, one after the other on one connection.

    nginx_requests.py SOCKET COUNT

Every fifth one asks for `/slow`.
"""

import http.client
import socket
import sys


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


connection = Connection(sys.argv[1])
for number in range(int(sys.argv[2])):
    connection.request("GET", "/slow" if number % 5 == 0 else f"/{number}")
    connection.getresponse().read()
