package io.meridian.core.admin;

import io.meridian.model.mesh.Member;
import io.meridian.model.position.RegionId;

/**
 * The region that these services speak for.
 *
 * @param adminAddress HOST:PORT, as clients reach it
 * @param xdsAddress HOST:PORT, as proxies reach it; empty if the region serves none
 * @param witness whether it votes and keeps no events
 * @param reserve whether it is no member of a mesh whose log names no members
 */
public record LocalRegion(RegionId id, String adminAddress, String xdsAddress, boolean witness, boolean reserve) {

    /** One that keeps events and is not in reserve. */
    public LocalRegion(RegionId id, String adminAddress, String xdsAddress) {
        this(id, adminAddress, xdsAddress, false, false);
    }

    Member member() {
        return new Member(id, witness);
    }
}
