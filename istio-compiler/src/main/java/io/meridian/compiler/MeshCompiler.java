package io.meridian.compiler;

import io.meridian.model.image.ImageDelta;
import io.meridian.model.image.MeshImage;
import io.meridian.model.resource.ResourceKey;
import java.util.Set;

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

    /**
     * Whether, since the last call, a proxy may have come to another scope. If not, proxies that were given one instance by {@link #view} are
     * given one instance again, and whoever serves many need not ask for each. Whoever was not asked for since {@link #trim} must be.
     */
    boolean regrouped();

    /**
     * The Istio resources from which a resource of the proxy's view was computed: of a route configuration the VirtualServices in it, the
     * DestinationRules that were asked about hashing, the Sidecar or Gateways that make it; of a cluster its DestinationRules and
     * ServiceEntries. Says which object to look at when a proxy rejects the resource. Empty if it rests on inventory and the mesh's
     * settings alone, or if the view has no such resource. Resources that were merely looked through to find these are not among them.
     *
     * <p>At the last image, like {@link #view}. May cost some milliseconds, once per resource and image.
     */
    Set<ResourceKey> sources(Proxy proxy, XdsType type, String name);

    /** Forgets what only proxies not seen since the last call needed. */
    void trim();
}
