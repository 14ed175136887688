namespace Cleave.Netlink.Tests.Captures;

/// <summary>What nft 1.0.6 sends for the lines of the ruleset that cuts, by strace; sequence numbers are zeroed.</summary>
internal static class RulesetCaptures
{
    /// <summary><c>table bridge cleave</c></summary>
    public const string AddTable = """
        28000000 000a0100 00000000 00000000  # NFT_MSG_NEWTABLE
        07000000  # nfgenmsg
        0b00 0100  636c656176650000  # NFTA_TABLE_NAME 'cleave'
        0800 0200  00000000  # NFTA_TABLE_FLAGS
        """;

    /// <summary><c>chain forward { type filter hook forward priority filter; policy accept; }</c></summary>
    public const string AddChain = """
        54000000 030a0104 00000000 00000000  # NFT_MSG_NEWCHAIN
        07000000  # nfgenmsg
        0b00 0100  636c656176650000  # NFTA_CHAIN_TABLE 'cleave'
        0c00 0300  666f727761726400  # NFTA_CHAIN_NAME 'forward'
        0b00 0700  66696c7465720000  # NFTA_CHAIN_TYPE 'filter'
        0800 0500  00000001  # NFTA_CHAIN_POLICY
        1400 0480  # NFTA_CHAIN_HOOK
          0800 0100  00000002  # NFTA_HOOK_HOOKNUM
          0800 0200  ffffff38  # NFTA_HOOK_PRIORITY
        """;

    /// <summary><c>map sources { type ifname : mark; }</c></summary>
    public const string AddMap = """
        74000000 090a0104 00000000 00000000  # NFT_MSG_NEWSET
        07000000  # nfgenmsg
        0b00 0100  636c656176650000  # NFTA_SET_TABLE 'cleave'
        0c00 0200  736f757263657300  # NFTA_SET_NAME 'sources'
        0800 0300  00000008  # NFTA_SET_FLAGS
        0800 0400  00000029  # NFTA_SET_KEY_TYPE
        0800 0500  00000010  # NFTA_SET_KEY_LEN
        0800 0600  00000013  # NFTA_SET_DATA_TYPE
        0800 0700  00000004  # NFTA_SET_DATA_LEN
        0800 0a00  00000001  # NFTA_SET_ID
        1600 0d00  0004010000000104010000000604000000000000  # NFTA_SET_USERDATA
        """;

    /// <summary><c>map sources { elements = { "p1" : 1, "p2" : 2 } }</c></summary>
    public const string AddElements = """
        88000000 0c0a0104 00000000 00000000  # NFT_MSG_NEWSETELEM
        07000000  # nfgenmsg
        0b00 0100  636c656176650000  # NFTA_SET_ELEM_LIST_TABLE 'cleave'
        0c00 0200  736f757263657300  # NFTA_SET_ELEM_LIST_SET 'sources'
        0800 0400  00000001  # NFTA_SET_ELEM_LIST_SET_ID
        5400 0380  # NFTA_SET_ELEM_LIST_ELEMENTS
          2800 0180  # element 1
            1800 0180  # NFTA_SET_ELEM_KEY
              1400 0100  70310000000000000000000000000000  # NFTA_DATA_VALUE 'p1'
            0c00 0280  # NFTA_SET_ELEM_DATA
              0800 0100  01000000  # NFTA_DATA_VALUE
          2800 0280  # element 2
            1800 0180  # NFTA_SET_ELEM_KEY
              1400 0100  70320000000000000000000000000000  # NFTA_DATA_VALUE 'p2'
            0c00 0280  # NFTA_SET_ELEM_DATA
              0800 0100  02000000  # NFTA_DATA_VALUE
        """;

    /// <summary><c>map targets { type ifname : classid; }</c></summary>
    public const string AddClassMap = """
        74000000 090a0104 00000000 00000000  # NFT_MSG_NEWSET
        07000000  # nfgenmsg
        0b00 0100  636c656176650000  # NFTA_SET_TABLE 'cleave'
        0c00 0200  7461726765747300  # NFTA_SET_NAME 'targets'
        0800 0300  00000008  # NFTA_SET_FLAGS
        0800 0400  00000029  # NFTA_SET_KEY_TYPE
        0800 0500  00000010  # NFTA_SET_KEY_LEN
        0800 0600  00000017  # NFTA_SET_DATA_TYPE
        0800 0700  00000004  # NFTA_SET_DATA_LEN
        0800 0a00  00000002  # NFTA_SET_ID
        1600 0d00  0004010000000104010000000604000000000000  # NFTA_SET_USERDATA
        """;

    /// <summary><c>set cut { type mark . classid; }</c></summary>
    public const string AddSet = """
        5c000000 090a0104 00000000 00000000  # NFT_MSG_NEWSET
        07000000  # nfgenmsg
        0b00 0100  636c656176650000  # NFTA_SET_TABLE 'cleave'
        0800 0200  63757400  # NFTA_SET_NAME 'cut'
        0800 0300  00000000  # NFTA_SET_FLAGS
        0800 0400  000004d7  # NFTA_SET_KEY_TYPE
        0800 0500  00000008  # NFTA_SET_KEY_LEN
        0800 0a00  00000003  # NFTA_SET_ID
        1400 0d00  000400000000030800040d0000000100  # NFTA_SET_USERDATA
        """;

    /// <summary><c>set cut { elements = { 1 . 0:2 } }</c></summary>
    public const string AddSetElement = """
        48000000 0c0a0104 00000000 00000000  # NFT_MSG_NEWSETELEM
        07000000  # nfgenmsg
        0b00 0100  636c656176650000  # NFTA_SET_ELEM_LIST_TABLE 'cleave'
        0800 0200  63757400  # NFTA_SET_ELEM_LIST_SET 'cut'
        0800 0400  00000003  # NFTA_SET_ELEM_LIST_SET_ID
        1800 0380  # NFTA_SET_ELEM_LIST_ELEMENTS
          1400 0180  # element 1
            1000 0180  # NFTA_SET_ELEM_KEY
              0c00 0100  0100000002000000  # NFTA_DATA_VALUE
        """;

    /// <summary><c>meta protocol != { ip, ip6 } accept</c></summary>
    public const string AddProtocolRule = """
        bc000000 060a010c 00000000 00000000  # NFT_MSG_NEWRULE
        07000000  # nfgenmsg
        0b00 0100  636c656176650000  # NFTA_RULE_TABLE 'cleave'
        0c00 0200  666f727761726400  # NFTA_RULE_CHAIN 'forward'
        9000 0480  # NFTA_RULE_EXPRESSIONS
          2400 0180  # NFTA_LIST_ELEM
            0900 0100  6d65746100000000  # NFTA_EXPR_NAME 'meta'
            1400 0280  # NFTA_EXPR_DATA
              0800 0200  00000001  # NFTA_META_KEY
              0800 0100  00000001  # NFTA_META_DREG
          3800 0180  # NFTA_LIST_ELEM
            0b00 0100  6c6f6f6b75700000  # NFTA_EXPR_NAME 'lookup'
            2800 0280  # NFTA_EXPR_DATA
              0800 0200  00000001  # NFTA_LOOKUP_SREG
              0c00 0100  5f5f736574256400  # NFTA_LOOKUP_SET '__set%d'
              0800 0400  00000004  # NFTA_LOOKUP_SET_ID
              0800 0500  00000001  # NFTA_LOOKUP_FLAGS
          3000 0180  # NFTA_LIST_ELEM
            0e00 0100  696d6d656469617465000000  # NFTA_EXPR_NAME 'immediate'
            1c00 0280  # NFTA_EXPR_DATA
              0800 0100  00000000  # NFTA_IMMEDIATE_DREG
              1000 0280  # NFTA_IMMEDIATE_DATA
                0c00 0280  # NFTA_DATA_VERDICT
                  0800 0100  00000001  # NFTA_VERDICT_CODE
        """;

    /// <summary><c>icmpv6 type { 133, 134, 135, 136, 137 } accept</c></summary>
    public const string AddDiscoveryRule = """
        74010000 060a010c 00000000 00000000  # NFT_MSG_NEWRULE
        07000000  # nfgenmsg
        0b00 0100  636c656176650000  # NFTA_RULE_TABLE 'cleave'
        0c00 0200  666f727761726400  # NFTA_RULE_CHAIN 'forward'
        4801 0480  # NFTA_RULE_EXPRESSIONS
          3400 0180  # NFTA_LIST_ELEM
            0c00 0100  7061796c6f616400  # NFTA_EXPR_NAME 'payload'
            2400 0280  # NFTA_EXPR_DATA
              0800 0100  00000001  # NFTA_PAYLOAD_DREG
              0800 0200  00000000  # NFTA_PAYLOAD_BASE
              0800 0300  0000000c  # NFTA_PAYLOAD_OFFSET
              0800 0400  00000002  # NFTA_PAYLOAD_LEN
          2c00 0180  # NFTA_LIST_ELEM
            0800 0100  636d7000  # NFTA_EXPR_NAME 'cmp'
            2000 0280  # NFTA_EXPR_DATA
              0800 0100  00000001  # NFTA_CMP_SREG
              0800 0200  00000000  # NFTA_CMP_OP
              0c00 0380  # NFTA_CMP_DATA
                0600 0100  86dd0000  # NFTA_DATA_VALUE
          2400 0180  # NFTA_LIST_ELEM
            0900 0100  6d65746100000000  # NFTA_EXPR_NAME 'meta'
            1400 0280  # NFTA_EXPR_DATA
              0800 0200  00000010  # NFTA_META_KEY
              0800 0100  00000001  # NFTA_META_DREG
          2c00 0180  # NFTA_LIST_ELEM
            0800 0100  636d7000  # NFTA_EXPR_NAME 'cmp'
            2000 0280  # NFTA_EXPR_DATA
              0800 0100  00000001  # NFTA_CMP_SREG
              0800 0200  00000000  # NFTA_CMP_OP
              0c00 0380  # NFTA_CMP_DATA
                0500 0100  3a000000  # NFTA_DATA_VALUE
          3400 0180  # NFTA_LIST_ELEM
            0c00 0100  7061796c6f616400  # NFTA_EXPR_NAME 'payload'
            2400 0280  # NFTA_EXPR_DATA
              0800 0100  00000001  # NFTA_PAYLOAD_DREG
              0800 0200  00000002  # NFTA_PAYLOAD_BASE
              0800 0300  00000000  # NFTA_PAYLOAD_OFFSET
              0800 0400  00000001  # NFTA_PAYLOAD_LEN
          3000 0180  # NFTA_LIST_ELEM
            0b00 0100  6c6f6f6b75700000  # NFTA_EXPR_NAME 'lookup'
            2000 0280  # NFTA_EXPR_DATA
              0800 0200  00000001  # NFTA_LOOKUP_SREG
              0c00 0100  5f5f736574256400  # NFTA_LOOKUP_SET '__set%d'
              0800 0400  00000005  # NFTA_LOOKUP_SET_ID
          3000 0180  # NFTA_LIST_ELEM
            0e00 0100  696d6d656469617465000000  # NFTA_EXPR_NAME 'immediate'
            1c00 0280  # NFTA_EXPR_DATA
              0800 0100  00000000  # NFTA_IMMEDIATE_DREG
              1000 0280  # NFTA_IMMEDIATE_DATA
                0c00 0280  # NFTA_DATA_VERDICT
                  0800 0100  00000001  # NFTA_VERDICT_CODE
        """;

    /// <summary><c>meta mark set iifname map @sources</c></summary>
    public const string AddMapRule = """
        b0000000 060a010c 00000000 00000000  # NFT_MSG_NEWRULE
        07000000  # nfgenmsg
        0b00 0100  636c656176650000  # NFTA_RULE_TABLE 'cleave'
        0c00 0200  666f727761726400  # NFTA_RULE_CHAIN 'forward'
        8400 0480  # NFTA_RULE_EXPRESSIONS
          2400 0180  # NFTA_LIST_ELEM
            0900 0100  6d65746100000000  # NFTA_EXPR_NAME 'meta'
            1400 0280  # NFTA_EXPR_DATA
              0800 0200  00000006  # NFTA_META_KEY
              0800 0100  00000001  # NFTA_META_DREG
          3800 0180  # NFTA_LIST_ELEM
            0b00 0100  6c6f6f6b75700000  # NFTA_EXPR_NAME 'lookup'
            2800 0280  # NFTA_EXPR_DATA
              0800 0200  00000001  # NFTA_LOOKUP_SREG
              0800 0300  00000001  # NFTA_LOOKUP_DREG
              0c00 0100  736f757263657300  # NFTA_LOOKUP_SET 'sources'
              0800 0400  00000001  # NFTA_LOOKUP_SET_ID
          2400 0180  # NFTA_LIST_ELEM
            0900 0100  6d65746100000000  # NFTA_EXPR_NAME 'meta'
            1400 0280  # NFTA_EXPR_DATA
              0800 0200  00000003  # NFTA_META_KEY
              0800 0300  00000001  # NFTA_META_SREG
        """;

    /// <summary><c>meta mark . meta priority @cut counter drop</c></summary>
    public const string AddCutRule = """
        e8000000 060a010c 00000000 00000000  # NFT_MSG_NEWRULE
        07000000  # nfgenmsg
        0b00 0100  636c656176650000  # NFTA_RULE_TABLE 'cleave'
        0c00 0200  666f727761726400  # NFTA_RULE_CHAIN 'forward'
        bc00 0480  # NFTA_RULE_EXPRESSIONS
          2400 0180  # NFTA_LIST_ELEM
            0900 0100  6d65746100000000  # NFTA_EXPR_NAME 'meta'
            1400 0280  # NFTA_EXPR_DATA
              0800 0200  00000003  # NFTA_META_KEY
              0800 0100  00000001  # NFTA_META_DREG
          2400 0180  # NFTA_LIST_ELEM
            0900 0100  6d65746100000000  # NFTA_EXPR_NAME 'meta'
            1400 0280  # NFTA_EXPR_DATA
              0800 0200  00000002  # NFTA_META_KEY
              0800 0100  00000009  # NFTA_META_DREG
          2c00 0180  # NFTA_LIST_ELEM
            0b00 0100  6c6f6f6b75700000  # NFTA_EXPR_NAME 'lookup'
            1c00 0280  # NFTA_EXPR_DATA
              0800 0200  00000001  # NFTA_LOOKUP_SREG
              0800 0100  63757400  # NFTA_LOOKUP_SET 'cut'
              0800 0400  00000003  # NFTA_LOOKUP_SET_ID
          1400 0180  # NFTA_LIST_ELEM
            0c00 0100  636f756e74657200  # NFTA_EXPR_NAME 'counter'
            0400 0280  # NFTA_EXPR_DATA
          3000 0180  # NFTA_LIST_ELEM
            0e00 0100  696d6d656469617465000000  # NFTA_EXPR_NAME 'immediate'
            1c00 0280  # NFTA_EXPR_DATA
              0800 0100  00000000  # NFTA_IMMEDIATE_DREG
              1000 0280  # NFTA_IMMEDIATE_DATA
                0c00 0280  # NFTA_DATA_VERDICT
                  0800 0100  00000000  # NFTA_VERDICT_CODE
        """;

    /// <summary><c>meta mark set 0x0</c></summary>
    public const string AddClearRule = """
        80000000 060a010c 00000000 00000000  # NFT_MSG_NEWRULE
        07000000  # nfgenmsg
        0b00 0100  636c656176650000  # NFTA_RULE_TABLE 'cleave'
        0c00 0200  666f727761726400  # NFTA_RULE_CHAIN 'forward'
        5400 0480  # NFTA_RULE_EXPRESSIONS
          2c00 0180  # NFTA_LIST_ELEM
            0e00 0100  696d6d656469617465000000  # NFTA_EXPR_NAME 'immediate'
            1800 0280  # NFTA_EXPR_DATA
              0800 0100  00000001  # NFTA_IMMEDIATE_DREG
              0c00 0280  # NFTA_IMMEDIATE_DATA
                0800 0100  00000000  # NFTA_DATA_VALUE
          2400 0180  # NFTA_LIST_ELEM
            0900 0100  6d65746100000000  # NFTA_EXPR_NAME 'meta'
            1400 0280  # NFTA_EXPR_DATA
              0800 0200  00000003  # NFTA_META_KEY
              0800 0300  00000001  # NFTA_META_SREG
        """;
}
