package io.meridian.model.inventory;

import io.meridian.api.type.v1.InventoryKey;
import io.meridian.api.type.v1.InventoryRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Last writer wins by (stamp, region). Commutative, associative and idempotent as long as no two different records have the same stamp of
 * the same region, so regions that saw the same records in any order hold the same inventory.
 */
public final class InventoryMerge {
    private static final Comparator<InventoryRecord> BY_STAMP =
            Comparator.comparingLong(InventoryRecord::getStamp).thenComparingInt(InventoryRecord::getStampRegion);

    private InventoryMerge() {}

    /** Whether {@code offered} replaces {@code held}, a record of the same key. */
    public static boolean isNewer(InventoryRecord offered, InventoryRecord held) {
        return BY_STAMP.compare(offered, held) > 0;
    }

    /** Those of {@code offered} that {@code held} has to take, in their order; a later one of the same key counts only if newer still. */
    public static List<InventoryRecord> news(Map<InventoryKey, InventoryRecord> held, List<InventoryRecord> offered) {
        Map<InventoryKey, InventoryRecord> newest = new LinkedHashMap<>();
        for (InventoryRecord record : offered) {
            InventoryRecord other = newest.getOrDefault(record.getKey(), held.get(record.getKey()));
            if (other == null || isNewer(record, other)) {
                newest.remove(record.getKey());
                newest.put(record.getKey(), record);
            }
        }
        return List.copyOf(newest.values());
    }

    /**
     * A local report with its stamps: of what differs from {@code held} only.
     *
     * @param reported unstamped; a record without an object is a deletion
     * @param replaceAll what is held and not reported is deleted
     * @param stamp from {@link HybridClock#next}, for all of them
     */
    public static List<InventoryRecord> stamp(
            Map<InventoryKey, InventoryRecord> held,
            List<InventoryRecord> reported,
            boolean replaceAll,
            long stamp,
            int region) {
        List<InventoryRecord> records = new ArrayList<>();
        for (InventoryRecord record : reported) {
            if (differs(held, record)) {
                records.add(record.toBuilder()
                        .setStamp(stamp)
                        .setStampRegion(region)
                        .build());
            }
        }
        if (replaceAll) {
            Set<InventoryKey> kept = new HashSet<>();
            reported.forEach(record -> kept.add(record.getKey()));
            held.forEach((key, record) -> {
                if (record.hasObject() && !kept.contains(key)) {
                    records.add(InventoryRecord.newBuilder()
                            .setKey(key)
                            .setStamp(stamp)
                            .setStampRegion(region)
                            .build());
                }
            });
        }
        return records;
    }

    private static boolean differs(Map<InventoryKey, InventoryRecord> held, InventoryRecord record) {
        InventoryRecord other = held.get(record.getKey());
        if (other == null || !other.hasObject()) {
            return record.hasObject();
        }
        return !record.hasObject() || !record.getObject().equals(other.getObject());
    }
}
