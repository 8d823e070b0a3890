package io.meridian.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.events.v1.EventHeader;
import io.meridian.api.type.v1.Position;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Verifies a log as an auditor would who has the contract and nothing of our code: hashes recomputed with plain SHA-256, links, numbers without a
 * gap. Then finds commands in it.
 */
final class LogCheck {
    private static final int HASH_BYTES = 32;

    private final List<EventHeader> headers = new ArrayList<>();
    /** By command id: where its last event stands. */
    private final Map<String, Position> commands = new HashMap<>();

    private LogCheck() {}

    static LogCheck verified(String where, List<Envelope> log) {
        LogCheck check = new LogCheck();
        ByteString prev = ByteString.copyFrom(new byte[HASH_BYTES]);
        long seq = 0;
        for (Envelope envelope : log) {
            EventHeader header = parsed(envelope);
            seq++;
            assertThat(header.getSeq()).as(where + ": numbers without a gap").isEqualTo(seq);
            assertThat(header.getPrevHash())
                    .as(where + ": event " + seq + " links to the one before")
                    .isEqualTo(prev);
            ByteString hash = sha256(envelope.getHeader().concat(sha256(envelope.getPayload())));
            assertThat(envelope.getHash())
                    .as(where + ": the hash of event " + seq)
                    .isEqualTo(hash);
            prev = hash;
            check.add(where, header);
        }
        assertThat(check.headers).as(where).isNotEmpty();
        return check;
    }

    private void add(String where, EventHeader header) {
        headers.add(header);
        boolean ofCommand = !header.getCommandId().isEmpty();
        if (ofCommand && header.getIndexInCommand() == header.getEventsInCommand() - 1) {
            Position position = Position.newBuilder()
                    .setMesh(header.getMesh())
                    .setEpoch(header.getEpoch())
                    .setSeq(header.getSeq())
                    .build();
            Position earlier = commands.put(header.getCommandId(), position);
            assertThat(earlier)
                    .as(where + ": command " + header.getCommandId() + " is applied once, and is again at " + position)
                    .isNull();
        }
    }

    /** Each of them, by its request id, at the position that was acknowledged. */
    LogCheck holds(Map<String, Position> acknowledged) {
        acknowledged.forEach((id, position) -> assertThat(commands.get(id))
                .as("the acknowledged command " + id)
                .isEqualTo(position));
        return this;
    }

    boolean has(String requestId) {
        return commands.containsKey(requestId);
    }

    /**
     * Those of the acknowledged writes that this log does not have, once {@code region} lists each of them in a divergent branch: the home that came back tells
     * of them when it has gone over to the new branch.
     */
    Map<String, Position> leftBehind(
            AdminApi region, String mesh, Map<String, Position> acknowledged, Duration deadline) {
        Map<String, Position> left = new HashMap<>(acknowledged);
        left.keySet().removeAll(commands.keySet());
        Await.until("all that is acknowledged and not in force is listed: " + left, deadline, () -> {
            Map<String, Position> listed = new HashMap<>();
            region.branches(mesh)
                    .forEach(branch -> branch.getEntriesList()
                            .forEach(entry -> listed.put(entry.getCommandId(), entry.getLast())));
            return listed.entrySet().containsAll(left.entrySet());
        });
        return left;
    }

    List<EventHeader> headers() {
        return List.copyOf(headers);
    }

    private static EventHeader parsed(Envelope envelope) {
        try {
            return EventHeader.parseFrom(envelope.getHeader());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("an unreadable header", e);
        }
    }

    private static ByteString sha256(ByteString bytes) {
        try {
            return ByteString.copyFrom(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
