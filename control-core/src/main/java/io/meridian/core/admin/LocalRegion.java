package io.meridian.core.admin;

import io.meridian.model.position.RegionId;

/**
 * The region that these services speak for.
 *
 * @param adminAddress HOST:PORT, as clients reach it
 * @param xdsAddress HOST:PORT, as proxies reach it; empty if the region serves none
 */
public record LocalRegion(RegionId id, String adminAddress, String xdsAddress) {}
