package io.meridian.compiler;

import io.meridian.model.image.ImageDelta;
import io.meridian.model.image.MeshImage;

/**
 * Compiles one mesh, incrementally. Confined to one thread at a time; the views that it returns are immutable and may be shared.
 *
 * <p>Law: after any history of {@link #update}, {@link #view} equals, byte for byte, that of a compiler that was given the last image only.
 */
public interface MeshCompiler {
    /** Takes the next image. {@code delta} covers all that differs from the one before. */
    void update(MeshImage image, ImageDelta delta);

    /**
     * What {@code proxy} is to hold at the image. Proxies of one scope share the instance; as long as nothing that the proxy holds has
     * changed, {@link ProxyView#resources} is the same instance too, though the position moves on.
     */
    ProxyView view(Proxy proxy);

    /** Forgets what only proxies not seen since the last call needed. */
    void trim();
}
