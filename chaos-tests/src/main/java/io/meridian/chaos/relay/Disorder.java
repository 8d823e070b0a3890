package io.meridian.chaos.relay;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Decides what becomes of each message and call, counts it, and remembers what earlier streams carried. Thread-safe. */
public final class Disorder {
    /** What becomes of a message. */
    enum Fate {
        PASS,
        DOUBLE,
        DOUBLE_LATER,
        HOLD_BACK,
        REPLAY
    }

    /** Messages that may be replayed have the same: they go the same way, by the same method, and are about the same mesh. */
    record Kind(String method, boolean toServer, String mesh) {}

    private record Past(long stream, ByteString message) {}

    private static final int MOST_REMEMBERED = 64;
    private static final int LARGEST_REMEMBERED_BYTES = 64 * 1024;
    private static final int FARTHEST = 3;
    private static final int SHORTEST_MILLIS = 20;
    private static final int MORE_MILLIS = 480;
    private static final int LATEST_CALL_MILLIS = 2_000;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as are those that follow. */
    private final Random random;

    private final Map<Kind, List<Past>> memory = new HashMap<>();
    private Odds odds;
    private long streams;

    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong doubled = new AtomicLong();
    private final AtomicLong overtaken = new AtomicLong();
    private final AtomicLong replayed = new AtomicLong();
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong madeTwice = new AtomicLong();

    public Disorder(Odds odds, long seed) {
        this.odds = odds;
        random = new Random(seed);
    }

    private <T extends @Nullable Object> T locked(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    /** From now on. */
    public void odds(Odds next) {
        locked(() -> odds = next);
    }

    public Tally tally() {
        return new Tally(messages.get(), doubled.get(), overtaken.get(), replayed.get(), calls.get(), madeTwice.get());
    }

    /** The number of a stream that begins. */
    long stream() {
        return locked(() -> ++streams);
    }

    Fate fate() {
        return locked(() -> {
            messages.incrementAndGet();
            double drawn = random.nextDouble();
            if (drawn < odds.doubled()) {
                return random.nextBoolean() ? Fate.DOUBLE : Fate.DOUBLE_LATER;
            }
            drawn -= odds.doubled();
            if (drawn < odds.heldBack()) {
                return Fate.HOLD_BACK;
            }
            return drawn - odds.heldBack() < odds.replayed() ? Fate.REPLAY : Fate.PASS;
        });
    }

    /** How many later messages one waits for. */
    int distance() {
        return locked(() -> 1 + random.nextInt(FARTHEST));
    }

    /** How long a message waits for later ones. */
    long patienceMillis() {
        return locked(() -> SHORTEST_MILLIS + (long) random.nextInt(MORE_MILLIS));
    }

    /** Whether a call is made once more, and how long afterwards; empty if not. */
    Optional<Long> secondCallMillis() {
        calls.incrementAndGet();
        return locked(() -> random.nextDouble() >= odds.madeTwice()
                ? Optional.empty()
                : Optional.of(random.nextBoolean() ? 0L : random.nextInt(LATEST_CALL_MILLIS)));
    }

    /** A message of a stream; later ones may carry it again. */
    void remember(Kind kind, long stream, byte[] message) {
        if (message.length > LARGEST_REMEMBERED_BYTES) {
            return;
        }
        locked(() -> {
            List<Past> past = memory.computeIfAbsent(kind, absent -> new ArrayList<>());
            Past next = new Past(stream, ByteString.copyFrom(message));
            if (past.size() < MOST_REMEMBERED) {
                past.add(next);
            } else {
                // Some stay for long: what is replayed may be of an epoch that ended minutes ago.
                past.set(random.nextInt(MOST_REMEMBERED), next);
            }
            return past;
        });
    }

    /** A message that a stream before {@code stream} carried; null if none is remembered. */
    byte @Nullable [] earlier(Kind kind, long stream) {
        return locked(() -> {
            List<Past> earlier = memory.getOrDefault(kind, List.of()).stream()
                    .filter(past -> past.stream() < stream)
                    .toList();
            return earlier.isEmpty()
                    ? null
                    : earlier.get(random.nextInt(earlier.size())).message().toByteArray();
        });
    }

    void countDoubled() {
        doubled.incrementAndGet();
    }

    void countOvertaken() {
        overtaken.incrementAndGet();
    }

    void countReplayed() {
        replayed.incrementAndGet();
    }

    void countMadeTwice() {
        madeTwice.incrementAndGet();
    }
}
