package io.meridian.chaos.proxy;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A connection through a link: two sockets and a pipe each way. Thread-safe. */
final class Connection {
    private final Socket client;
    private final Socket server;
    private final Pipe requests;
    private final Pipe responses;
    private final Consumer<Connection> gone;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicInteger waysEnded = new AtomicInteger();

    /** {@code gone}: called once, when it has ended. */
    Connection(Socket client, Socket server, Gate forward, Gate backward, Consumer<Connection> gone) {
        this.client = client;
        this.server = server;
        this.gone = gone;
        requests = new Pipe(client, server, forward, this::reset, this::wayEnded);
        responses = new Pipe(server, client, backward, this::reset, this::wayEnded);
    }

    void start() {
        requests.start();
        responses.start();
    }

    boolean isLossy() {
        return requests.isLossy() || responses.isLossy();
    }

    private void wayEnded() {
        if (waysEnded.incrementAndGet() == 2) {
            close();
        }
    }

    /** Both sides get an RST, at once. */
    void reset() {
        resetOnClose(client);
        resetOnClose(server);
        close();
    }

    private void close() {
        if (closed.compareAndSet(false, true)) {
            closeQuietly(client);
            closeQuietly(server);
            requests.interrupt();
            responses.interrupt();
            gone.accept(this);
        }
    }

    static void resetOnClose(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException alreadyClosed) {
            // Then there is nothing to reset.
        }
    }

    static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use any more either way.
        }
    }
}
