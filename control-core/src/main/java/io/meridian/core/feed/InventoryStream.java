package io.meridian.core.feed;

import io.meridian.api.feed.v1.InventoryUpdate;
import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryRecord;
import io.meridian.model.inventory.InventoryMerge;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What of a mesh's inventory a subscriber was not given yet: per cluster the newest record of each key. However slow the reader is, that is
 * never more than the inventory itself. Everything of a cluster goes first, changes after it. Not thread-safe.
 */
final class InventoryStream {
    /** Of the records of one message; gRPC's default limit for a message is 4 MiB. */
    static final int MAX_MESSAGE_BYTES = 1 << 20;

    private static final class Unsent {
        private final Map<InventoryKey, InventoryRecord> records = new LinkedHashMap<>();
        private boolean full;
    }

    private final Map<String, Unsent> unsent = new TreeMap<>();
    private boolean complete;

    /** A change; also before {@link #all}. */
    void changed(String cluster, List<InventoryRecord> records) {
        Unsent waiting = unsent.computeIfAbsent(cluster, name -> new Unsent());
        records.forEach(record -> waiting.records.merge(
                record.getKey(), record, (held, offered) -> InventoryMerge.isNewer(offered, held) ? offered : held));
    }

    /** Everything that is there, once at the start. {@code clusters} without records are told as empty. */
    void all(Map<String, List<InventoryRecord>> everything, Iterable<String> clusters) {
        everything.forEach(this::changed);
        clusters.forEach(cluster -> changed(cluster, List.of()));
        unsent.values().forEach(waiting -> waiting.full = true);
        complete = true;
    }

    /** Whether the whole inventory is known here; before that nothing may be sent. */
    boolean isComplete() {
        return complete;
    }

    boolean isEmpty() {
        return unsent.isEmpty();
    }

    /** The next message; what it holds counts as sent. */
    Optional<InventoryUpdate> next() {
        if (!complete || unsent.isEmpty()) {
            return Optional.empty();
        }
        Map.Entry<String, Unsent> first = unsent.entrySet().iterator().next();
        Unsent waiting = first.getValue();
        InventoryUpdate.Builder update =
                InventoryUpdate.newBuilder().setCluster(first.getKey()).setFull(waiting.full);
        boolean full = waiting.full;
        waiting.full = false;
        List<InventoryKey> taken = new ArrayList<>();
        int bytes = 0;
        for (InventoryRecord record : waiting.records.values()) {
            if (bytes > MAX_MESSAGE_BYTES) {
                break;
            }
            taken.add(record.getKey());
            // What replaces everything need not say what is not there.
            if (!full || record.hasObject()) {
                bytes += record.getSerializedSize();
                update.addRecords(record);
            }
        }
        taken.forEach(waiting.records::remove);
        if (waiting.records.isEmpty()) {
            unsent.remove(first.getKey());
        }
        return Optional.of(update.build());
    }
}
