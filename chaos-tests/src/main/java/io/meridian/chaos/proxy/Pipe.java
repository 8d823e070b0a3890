package io.meridian.chaos.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One way of one connection: a thread that reads, a bounded queue that stands for what is under way, and a thread that writes. When the
 * queue is full nothing is read, and TCP holds the sender back.
 */
final class Pipe {
    private static final int PIECE_BYTES = 16 * 1024;
    /** With pieces of 16 KiB, 1 MiB under way. */
    private static final int PIECES = 64;

    private enum Kind {
        BYTES,
        /** The sender has nothing more to say; the other way goes on. */
        END,
        /** The sender's connection broke. */
        BROKEN
    }

    private record Piece(Kind kind, ByteBuffer bytes, long dueNanos) {}

    private final Socket from;
    private final Socket to;
    private final Gate gate;
    /** Ends the whole connection with a reset. */
    private final Runnable abort;
    /** Called when this way has ended in order. */
    private final Runnable ended;

    private final BlockingQueue<Piece> underWay = new ArrayBlockingQueue<>(PIECES);
    private final AtomicBoolean lossy = new AtomicBoolean();
    private final Thread reader = Thread.ofVirtual().name("pipe-reader").unstarted(this::read);
    private final Thread writer = Thread.ofVirtual().name("pipe-writer").unstarted(this::write);

    Pipe(Socket from, Socket to, Gate gate, Runnable abort, Runnable ended) {
        this.from = from;
        this.to = to;
        this.gate = gate;
        this.abort = abort;
        this.ended = ended;
    }

    void start() {
        writer.start();
        reader.start();
    }

    /** After the sockets were closed: ends threads that wait for something else than a socket. */
    void interrupt() {
        reader.interrupt();
        writer.interrupt();
    }

    /** Whether bytes of it were lost, so that what follows would make no sense to the receiver. */
    boolean isLossy() {
        return lossy.get();
    }

    private void lose() {
        lossy.set(true);
        if (!gate.swallows()) {
            // The fault ended between the look at the gate and here, and with it the search for connections that lost
            // something.
            abort.run();
        }
    }

    private void read() {
        byte[] buffer = new byte[PIECE_BYTES];
        try {
            while (true) {
                Kind kind = Kind.BYTES;
                int length = 0;
                try {
                    InputStream in = from.getInputStream();
                    length = in.read(buffer);
                    if (length < 0) {
                        kind = Kind.END;
                        length = 0;
                    }
                } catch (IOException broken) {
                    kind = Kind.BROKEN;
                }
                if (gate.swallows()) {
                    lose();
                } else {
                    underWay.put(new Piece(
                            kind,
                            ByteBuffer.wrap(Arrays.copyOf(buffer, length)),
                            System.nanoTime() + gate.delayNanos()));
                }
                if (kind != Kind.BYTES) {
                    return;
                }
            }
        } catch (InterruptedException aborted) {
            // The connection is closed already.
        }
    }

    private void write() {
        long free = System.nanoTime();
        try {
            OutputStream out = to.getOutputStream();
            while (true) {
                Piece piece = underWay.take();
                TimeUnit.NANOSECONDS.sleep(piece.dueNanos() - System.nanoTime());
                gate.awaitPassage();
                if (gate.swallows()) {
                    lose();
                    continue;
                }
                switch (piece.kind()) {
                    case BYTES -> {
                        long rate = gate.traffic().bytesPerSecond();
                        if (rate > 0) {
                            free = Math.max(free, System.nanoTime())
                                    + TimeUnit.SECONDS.toNanos(piece.bytes().remaining()) / rate;
                            TimeUnit.NANOSECONDS.sleep(free - System.nanoTime());
                        }
                        out.write(piece.bytes().array());
                    }
                    case END -> {
                        to.shutdownOutput();
                        ended.run();
                        return;
                    }
                    case BROKEN -> {
                        abort.run();
                        return;
                    }
                }
            }
        } catch (IOException broken) {
            abort.run();
        } catch (InterruptedException aborted) {
            // The connection is closed already.
        }
    }
}
