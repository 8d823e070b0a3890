package io.meridian.model.position;

/**
 * A region: one cluster of nodes with a journal of its own.
 *
 * @param name a DNS label
 * @param index 0 to 63, given once and never reused
 */
public record RegionId(String name, int index) {
    public static final int MAX_REGIONS = 64;

    public RegionId {
        if (!MeshId.isValid(name)) {
            throw new IllegalArgumentException("not a region name (a DNS label): " + name);
        }
        if (index < 0 || index >= MAX_REGIONS) {
            throw new IllegalArgumentException("region index must be 0 to 63: " + index);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
