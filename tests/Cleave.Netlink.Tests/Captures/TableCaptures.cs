namespace Cleave.Netlink.Tests.Captures;

/// <summary>What nft 1.0.6 sends for the lines of a table, by strace; sequence numbers are zeroed.</summary>
internal static class TableCaptures
{
    /// <summary><c>chain sub { }</c></summary>
    public const string AddRegularChain = """
        24000000 030a0104 00000000 00000000  # NFT_MSG_NEWCHAIN
        07000000  # nfgenmsg
        0600 0100  74000000  # NFTA_CHAIN_TABLE
        0800 0300  73756200  # NFTA_CHAIN_NAME 'sub'
        """;

    /// <summary><c>set ii { type ifname . ifname; flags dynamic; size 1024; }</c></summary>
    public const string AddDynamicSet = """
        64000000 090a0104 00000000 00000000  # NFT_MSG_NEWSET
        07000000  # nfgenmsg
        0600 0100  74000000  # NFTA_SET_TABLE
        0700 0200  69690000  # NFTA_SET_NAME 'ii'
        0800 0300  00000020  # NFTA_SET_FLAGS
        0800 0400  00000a69  # NFTA_SET_KEY_TYPE
        0800 0500  00000020  # NFTA_SET_KEY_LEN
        0800 0a00  00000001  # NFTA_SET_ID
        0c00 0980  # NFTA_SET_DESC
          0800 0100  00000400  # NFTA_SET_DESC_SIZE
        1400 0d00  000400000000030800040d0000000100  # NFTA_SET_USERDATA
        """;

    /// <summary><c>map vm { type ifname : verdict; }</c></summary>
    public const string AddVerdictMap = """
        6c000000 090a0104 00000000 00000000  # NFT_MSG_NEWSET
        07000000  # nfgenmsg
        0600 0100  74000000  # NFTA_SET_TABLE
        0700 0200  766d0000  # NFTA_SET_NAME 'vm'
        0800 0300  00000008  # NFTA_SET_FLAGS
        0800 0400  00000029  # NFTA_SET_KEY_TYPE
        0800 0500  00000010  # NFTA_SET_KEY_LEN
        0800 0600  ffffff00  # NFTA_SET_DATA_TYPE
        0800 0700  00000000  # NFTA_SET_DATA_LEN
        0800 0a00  00000006  # NFTA_SET_ID
        1600 0d00  0004010000000104000000000604000000000000  # NFTA_SET_USERDATA
        """;

    /// <summary><c>map vm { elements = { "p1" : accept, "p2" : jump sub } }</c></summary>
    public const string AddVerdicts = """
        90000000 0c0a0104 00000000 00000000  # NFT_MSG_NEWSETELEM
        07000000  # nfgenmsg
        0600 0100  74000000  # NFTA_SET_ELEM_LIST_TABLE
        0700 0200  766d0000  # NFTA_SET_ELEM_LIST_SET 'vm'
        0800 0400  00000006  # NFTA_SET_ELEM_LIST_SET_ID
        6400 0380  # NFTA_SET_ELEM_LIST_ELEMENTS
          2c00 0180  # element 1
            1800 0180  # NFTA_SET_ELEM_KEY
              1400 0100  70310000000000000000000000000000  # NFTA_DATA_VALUE 'p1'
            1000 0280  # NFTA_SET_ELEM_DATA
              0c00 0280  # NFTA_DATA_VERDICT
                0800 0100  00000001  # NFTA_VERDICT_CODE
          3400 0280  # element 2
            1800 0180  # NFTA_SET_ELEM_KEY
              1400 0100  70320000000000000000000000000000  # NFTA_DATA_VALUE 'p2'
            1800 0280  # NFTA_SET_ELEM_DATA
              1400 0280  # NFTA_DATA_VERDICT
                0800 0100  fffffffd  # NFTA_VERDICT_CODE
                0800 0200  73756200  # NFTA_VERDICT_CHAIN 'sub'
        """;

    /// <summary><c>set ip4 { flags interval; elements = { 10.0.0.0/24 } }</c></summary>
    public const string AddIntervals = """
        70000000 0c0a0104 00000000 00000000  # NFT_MSG_NEWSETELEM
        07000000  # nfgenmsg
        0600 0100  74000000  # NFTA_SET_ELEM_LIST_TABLE
        0800 0200  69703400  # NFTA_SET_ELEM_LIST_SET 'ip4'
        0800 0400  00000002  # NFTA_SET_ELEM_LIST_SET_ID
        4400 0380  # NFTA_SET_ELEM_LIST_ELEMENTS
          1800 0180  # element 1
            0800 0300  00000001  # NFTA_SET_ELEM_FLAGS
            0c00 0180  # NFTA_SET_ELEM_KEY
              0800 0100  00000000  # NFTA_DATA_VALUE
          1000 0280  # element 2
            0c00 0180  # NFTA_SET_ELEM_KEY
              0800 0100  0a000000  # NFTA_DATA_VALUE
          1800 0380  # element 3
            0800 0300  00000001  # NFTA_SET_ELEM_FLAGS
            0c00 0180  # NFTA_SET_ELEM_KEY
              0800 0100  0a000100  # NFTA_DATA_VALUE
        """;

    /// <summary><c>ether type != { ip, ip6 } counter comment "hi"</c></summary>
    public const string AddCommentedRule = """
        b4000000 060a010c 00000000 00000000  # NFT_MSG_NEWRULE
        07000000  # nfgenmsg
        0600 0100  74000000  # NFTA_RULE_TABLE
        0600 0200  66000000  # NFTA_RULE_CHAIN
        8400 0480  # NFTA_RULE_EXPRESSIONS
          3400 0180  # NFTA_LIST_ELEM
            0c00 0100  7061796c6f616400  # NFTA_EXPR_NAME 'payload'
            2400 0280  # NFTA_EXPR_DATA
              0800 0100  00000001  # NFTA_PAYLOAD_DREG
              0800 0200  00000000  # NFTA_PAYLOAD_BASE
              0800 0300  0000000c  # NFTA_PAYLOAD_OFFSET
              0800 0400  00000002  # NFTA_PAYLOAD_LEN
          3800 0180  # NFTA_LIST_ELEM
            0b00 0100  6c6f6f6b75700000  # NFTA_EXPR_NAME 'lookup'
            2800 0280  # NFTA_EXPR_DATA
              0800 0200  00000001  # NFTA_LOOKUP_SREG
              0c00 0100  5f5f736574256400  # NFTA_LOOKUP_SET '__set%d'
              0800 0400  0000000c  # NFTA_LOOKUP_SET_ID
              0800 0500  00000001  # NFTA_LOOKUP_FLAGS
          1400 0180  # NFTA_LIST_ELEM
            0c00 0100  636f756e74657200  # NFTA_EXPR_NAME 'counter'
            0400 0280  # NFTA_EXPR_DATA
        0900 0700  0003686900000000  # NFTA_RULE_USERDATA
        """;

    /// <summary><c>iifname vmap @vm</c></summary>
    public const string AddVerdictMapRule = """
        80000000 060a010c 00000000 00000000  # NFT_MSG_NEWRULE
        07000000  # nfgenmsg
        0600 0100  74000000  # NFTA_RULE_TABLE
        0600 0200  66000000  # NFTA_RULE_CHAIN
        5c00 0480  # NFTA_RULE_EXPRESSIONS
          2400 0180  # NFTA_LIST_ELEM
            0900 0100  6d65746100000000  # NFTA_EXPR_NAME 'meta'
            1400 0280  # NFTA_EXPR_DATA
              0800 0200  00000006  # NFTA_META_KEY
              0800 0100  00000001  # NFTA_META_DREG
          3400 0180  # NFTA_LIST_ELEM
            0b00 0100  6c6f6f6b75700000  # NFTA_EXPR_NAME 'lookup'
            2400 0280  # NFTA_EXPR_DATA
              0800 0200  00000001  # NFTA_LOOKUP_SREG
              0800 0300  00000000  # NFTA_LOOKUP_DREG
              0700 0100  766d0000  # NFTA_LOOKUP_SET 'vm'
              0800 0400  00000006  # NFTA_LOOKUP_SET_ID
        """;

    /// <summary><c>update @ii { iifname . oifname counter }</c></summary>
    public const string AddUpdateRule = """
        b8000000 060a010c 00000000 00000000  # NFT_MSG_NEWRULE
        07000000  # nfgenmsg
        0600 0100  74000000  # NFTA_RULE_TABLE
        0600 0200  66000000  # NFTA_RULE_CHAIN
        9400 0480  # NFTA_RULE_EXPRESSIONS
          2400 0180  # NFTA_LIST_ELEM
            0900 0100  6d65746100000000  # NFTA_EXPR_NAME 'meta'
            1400 0280  # NFTA_EXPR_DATA
              0800 0200  00000006  # NFTA_META_KEY
              0800 0100  00000001  # NFTA_META_DREG
          2400 0180  # NFTA_LIST_ELEM
            0900 0100  6d65746100000000  # NFTA_EXPR_NAME 'meta'
            1400 0280  # NFTA_EXPR_DATA
              0800 0200  00000007  # NFTA_META_KEY
              0800 0100  00000002  # NFTA_META_DREG
          4800 0180  # NFTA_LIST_ELEM
            0b00 0100  64796e7365740000  # NFTA_EXPR_NAME 'dynset'
            3800 0280  # NFTA_EXPR_DATA
              0800 0400  00000001  # NFTA_DYNSET_SREG_KEY
              0800 0300  00000001  # NFTA_DYNSET_OP
              0700 0100  69690000  # NFTA_DYNSET_SET_NAME 'ii'
              0800 0200  00000001  # NFTA_DYNSET_SET_ID
              1400 0780  # NFTA_DYNSET_EXPR
                0c00 0100  636f756e74657200  # NFTA_EXPR_NAME 'counter'
                0400 0280  # NFTA_EXPR_DATA
        """;

    /// <summary><c>meta mark &amp; 0xff == 0x10 goto sub</c></summary>
    public const string AddMaskRule = """
        fc000000 060a010c 00000000 00000000  # NFT_MSG_NEWRULE
        07000000  # nfgenmsg
        0600 0100  74000000  # NFTA_RULE_TABLE
        0600 0200  66000000  # NFTA_RULE_CHAIN
        d800 0480  # NFTA_RULE_EXPRESSIONS
          2400 0180  # NFTA_LIST_ELEM
            0900 0100  6d65746100000000  # NFTA_EXPR_NAME 'meta'
            1400 0280  # NFTA_EXPR_DATA
              0800 0200  00000003  # NFTA_META_KEY
              0800 0100  00000001  # NFTA_META_DREG
          4c00 0180  # NFTA_LIST_ELEM
            0c00 0100  6269747769736500  # NFTA_EXPR_NAME 'bitwise'
            3c00 0280  # NFTA_EXPR_DATA
              0800 0100  00000001  # NFTA_BITWISE_SREG
              0800 0200  00000001  # NFTA_BITWISE_DREG
              0800 0600  00000000  # NFTA_BITWISE_OP
              0800 0300  00000004  # NFTA_BITWISE_LEN
              0c00 0480  # NFTA_BITWISE_MASK
                0800 0100  ff000000  # NFTA_DATA_VALUE
              0c00 0580  # NFTA_BITWISE_XOR
                0800 0100  00000000  # NFTA_DATA_VALUE
          2c00 0180  # NFTA_LIST_ELEM
            0800 0100  636d7000  # NFTA_EXPR_NAME 'cmp'
            2000 0280  # NFTA_EXPR_DATA
              0800 0100  00000001  # NFTA_CMP_SREG
              0800 0200  00000000  # NFTA_CMP_OP
              0c00 0380  # NFTA_CMP_DATA
                0800 0100  10000000  # NFTA_DATA_VALUE
          3800 0180  # NFTA_LIST_ELEM
            0e00 0100  696d6d656469617465000000  # NFTA_EXPR_NAME 'immediate'
            2400 0280  # NFTA_EXPR_DATA
              0800 0100  00000000  # NFTA_IMMEDIATE_DREG
              1800 0280  # NFTA_IMMEDIATE_DATA
                1400 0280  # NFTA_DATA_VERDICT
                  0800 0100  fffffffc  # NFTA_VERDICT_CODE
                  0800 0200  73756200  # NFTA_VERDICT_CHAIN 'sub'
        """;

    /// <summary><c>nft delete table bridge t</c></summary>
    public const string DeleteTable = """
        1c000000 020a0100 00000000 00000000  # NFT_MSG_DELTABLE
        07000000  # nfgenmsg
        0600 0100  74000000  # NFTA_TABLE_NAME
        """;

    /// <summary><c>nft flush chain bridge cleave forward</c></summary>
    public const string FlushChain = """
        2c000000 080a0100 00000000 00000000  # NFT_MSG_DELRULE
        07000000  # nfgenmsg
        0b00 0100  636c656176650000  # NFTA_RULE_TABLE 'cleave'
        0c00 0200  666f727761726400  # NFTA_RULE_CHAIN 'forward'
        """;

    /// <summary><c>nft flush map bridge cleave sources</c></summary>
    public const string FlushMap = """
        2c000000 0e0a0100 00000000 00000000  # NFT_MSG_DELSETELEM
        07000000  # nfgenmsg
        0c00 0200  736f757263657300  # NFTA_SET_ELEM_LIST_SET 'sources'
        0b00 0100  636c656176650000  # NFTA_SET_ELEM_LIST_TABLE 'cleave'
        """;
}
