package io.meridian.chaos.history;

/** The names of what a line of the history can hold; docs/chaos.md tells what they mean. */
public final class Field {
    public static final String INDEX = "index";
    public static final String TIME = "time";
    public static final String PROCESS = "process";
    public static final String TYPE = "type";
    public static final String F = "f";
    public static final String MESH = "mesh";
    public static final String KEY = "key";
    public static final String VALUE = "value";
    public static final String ID = "id";
    public static final String REGION = "region";
    public static final String POSITION = "position";
    public static final String EXPECTED = "expected";
    public static final String DEMANDED = "demanded";
    public static final String FRESH = "fresh";
    public static final String ATTEMPTS = "attempts";
    public static final String REPLAYED = "replayed";
    public static final String ERROR = "error";
    public static final String TO = "to";
    public static final String HOME = "home";
    public static final String STATE_HASH = "state_hash";
    public static final String NEMESIS = "nemesis";
    public static final String WHAT = "what";
    public static final String REGIONS = "regions";
    public static final String FORGETS = "forgets";
    public static final String COUNTS = "counts";
    public static final String SECONDS = "seconds";
    public static final String SEED = "seed";
    public static final String MESHES = "meshes";
    public static final String LEASED = "leased";
    public static final String GATEWAY = "gateway";
    public static final String GATEWAYS = "gateways";

    private Field() {}
}
