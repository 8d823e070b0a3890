package io.meridian.core.internal;

import io.meridian.model.log.Acceptance;
import io.meridian.model.position.Epoch;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A replica's judgement between nodes: one byte for its kind, then what it carries. */
final class AcceptanceFrame {
    private static final int NONE = 0;
    private static final int APPEND = 1;
    private static final int DUPLICATE = 2;
    private static final int GAP = 3;
    private static final int STALE_EPOCH = 4;
    private static final int CONFLICT = 5;
    private static final int FORK = 6;

    private AcceptanceFrame() {}

    static void write(DataOutputStream out, @Nullable Acceptance acceptance) throws IOException {
        if (acceptance == null) {
            out.writeByte(NONE);
            return;
        }
        switch (acceptance) {
            case Acceptance.Append append -> out.writeByte(APPEND);
            case Acceptance.Duplicate duplicate -> out.writeByte(DUPLICATE);
            case Acceptance.Gap(var expectedSeq) -> {
                out.writeByte(GAP);
                out.writeLong(expectedSeq);
            }
            case Acceptance.StaleEpoch(var promised) -> {
                out.writeByte(STALE_EPOCH);
                out.writeLong(promised.value());
            }
            case Acceptance.Fork(var forkSeq) -> {
                out.writeByte(FORK);
                out.writeLong(forkSeq);
            }
            case Acceptance.Conflict(var reason) -> {
                out.writeByte(CONFLICT);
                out.writeUTF(reason);
            }
        }
    }

    static @Nullable Acceptance read(DataInputStream in) throws IOException {
        int kind = in.readByte();
        return switch (kind) {
            case NONE -> null;
            case APPEND -> new Acceptance.Append();
            case DUPLICATE -> new Acceptance.Duplicate();
            case GAP -> new Acceptance.Gap(in.readLong());
            case STALE_EPOCH -> new Acceptance.StaleEpoch(new Epoch(in.readLong()));
            case FORK -> new Acceptance.Fork(in.readLong());
            case CONFLICT -> new Acceptance.Conflict(in.readUTF());
            default -> throw new IllegalArgumentException("an unknown judgement: " + kind);
        };
    }
}
