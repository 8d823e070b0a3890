package io.meridian.model.mesh;

/** Stable codes of refusals; clients may rely on the names. Each belongs to one gRPC status, named here by {@link #category}. */
public enum RejectionCode {
    MESH_NOT_FOUND(Category.NOT_FOUND),
    MESH_ALREADY_EXISTS(Category.ALREADY_EXISTS),
    CLUSTER_NOT_FOUND(Category.NOT_FOUND),
    CLUSTER_ALREADY_EXISTS(Category.ALREADY_EXISTS),
    CLUSTER_STILL_ATTACHED(Category.FAILED_PRECONDITION),
    NAMESPACE_NOT_FOUND(Category.NOT_FOUND),
    NAMESPACE_ALREADY_EXISTS(Category.ALREADY_EXISTS),
    NAMESPACE_PROTECTED(Category.FAILED_PRECONDITION),
    INGRESS_GATEWAY_NOT_FOUND(Category.NOT_FOUND),
    INGRESS_GATEWAY_ALREADY_EXISTS(Category.ALREADY_EXISTS),
    RESOURCE_NOT_FOUND(Category.NOT_FOUND),
    /** An object of the data plane: a Deployment, a Pod, a Service. */
    APPLICATION_NOT_ALLOWED(Category.INVALID_ARGUMENT),
    UNKNOWN_KIND(Category.INVALID_ARGUMENT),
    UNSUPPORTED_VERSION(Category.INVALID_ARGUMENT),
    DUPLICATE_OBJECT(Category.INVALID_ARGUMENT),
    INVALID_NAME(Category.INVALID_ARGUMENT),
    INVALID_FIELD(Category.INVALID_ARGUMENT),
    UNKNOWN_FIELD(Category.INVALID_ARGUMENT),
    MALFORMED_MANIFEST(Category.INVALID_ARGUMENT),
    TOO_LARGE(Category.INVALID_ARGUMENT),
    /** The head is not the expected position, or the object not at the given resourceVersion. */
    STALE_POSITION(Category.ABORTED),
    POSITION_NOT_FOUND(Category.NOT_FOUND),
    REQUEST_ID_REUSED(Category.INVALID_ARGUMENT),
    REGION_NOT_FOUND(Category.NOT_FOUND),
    /** No gateway that could be asked serves it, nor has lately. */
    PROXY_NOT_FOUND(Category.NOT_FOUND),
    VERSION_NOT_SUPPORTED(Category.INVALID_ARGUMENT),
    BRANCH_NOT_FOUND(Category.NOT_FOUND),
    BRANCH_ENTRY_NOT_FOUND(Category.NOT_FOUND),
    /** It was brought back or given up before, or there never was anything to decide. */
    BRANCH_ENTRY_RESOLVED(Category.FAILED_PRECONDITION),
    /** The current branch changed what it touches, or would refuse it. */
    BRANCH_CONFLICT(Category.FAILED_PRECONDITION),
    /** It may widen authorization or weaken mTLS: an operator must insist. */
    BRANCH_ENTRY_FOR_OPERATOR(Category.FAILED_PRECONDITION),
    /** The region is no member of the mesh, or cannot become one. */
    NOT_A_MEMBER(Category.FAILED_PRECONDITION),
    /** An index belongs to one region for ever. */
    REGION_INDEX_REUSED(Category.FAILED_PRECONDITION),
    /** The mesh's home cannot leave. */
    REGION_IS_HOME(Category.FAILED_PRECONDITION),
    /** Too few members would be left for what the mesh's spec asks for. */
    TOO_FEW_MEMBERS(Category.FAILED_PRECONDITION),
    /** The change of members before is not held by a majority yet. */
    MEMBERS_CHANGING(Category.FAILED_PRECONDITION),
    LIMIT_EXCEEDED(Category.FAILED_PRECONDITION);

    /** The names of the gRPC statuses. */
    public enum Category {
        INVALID_ARGUMENT,
        NOT_FOUND,
        ALREADY_EXISTS,
        FAILED_PRECONDITION,
        ABORTED
    }

    private final Category category;

    RejectionCode(Category category) {
        this.category = category;
    }

    public Category category() {
        return category;
    }
}
