namespace Cleave.Netlink.Tests.Captures;

/// <summary>What nft 1.0.6 sends for the lines of the ruleset of an uplink, by strace; sequence numbers are zeroed.</summary>
internal static class UplinkCaptures
{
    /// <summary><c>chain postrouting { type nat hook postrouting priority srcnat; policy accept; }</c></summary>
    public const string AddNatChain = """
        5c000000 030a0104 00000000 00000000  # NFT_MSG_NEWCHAIN
        01000000  # nfgenmsg
        1200 0100  636c656176652d75706c696e6b000000  # NFTA_CHAIN_TABLE 'cleave-uplink'
        1000 0300  706f7374726f7574696e6700  # NFTA_CHAIN_NAME 'postrouting'
        0800 0700  6e617400  # NFTA_CHAIN_TYPE 'nat'
        0800 0500  00000001  # NFTA_CHAIN_POLICY
        1400 0480  # NFTA_CHAIN_HOOK
          0800 0100  00000004  # NFTA_HOOK_HOOKNUM
          0800 0200  00000064  # NFTA_HOOK_PRIORITY
        """;

    /// <summary><c>iifname "up0" ct state established,related accept</c></summary>
    public const string AddStateRule = """
        54010000 060a010c 00000000 00000000  # NFT_MSG_NEWRULE
        01000000  # nfgenmsg
        1200 0100  636c656176652d75706c696e6b000000  # NFTA_RULE_TABLE 'cleave-uplink'
        0c00 0200  666f727761726400  # NFTA_RULE_CHAIN 'forward'
        2001 0480  # NFTA_RULE_EXPRESSIONS
          2400 0180  # NFTA_LIST_ELEM
            0900 0100  6d65746100000000  # NFTA_EXPR_NAME 'meta'
            1400 0280  # NFTA_EXPR_DATA
              0800 0200  00000006  # NFTA_META_KEY
              0800 0100  00000001  # NFTA_META_DREG
          3800 0180  # NFTA_LIST_ELEM
            0800 0100  636d7000  # NFTA_EXPR_NAME 'cmp'
            2c00 0280  # NFTA_EXPR_DATA
              0800 0100  00000001  # NFTA_CMP_SREG
              0800 0200  00000000  # NFTA_CMP_OP
              1800 0380  # NFTA_CMP_DATA
                1400 0100  75703000000000000000000000000000  # NFTA_DATA_VALUE
          2000 0180  # NFTA_LIST_ELEM
            0700 0100  63740000  # NFTA_EXPR_NAME 'ct'
            1400 0280  # NFTA_EXPR_DATA
              0800 0200  00000000  # NFTA_CT_KEY
              0800 0100  00000001  # NFTA_CT_DREG
          4400 0180  # NFTA_LIST_ELEM
            0c00 0100  6269747769736500  # NFTA_EXPR_NAME 'bitwise'
            3400 0280  # NFTA_EXPR_DATA
              0800 0100  00000001  # NFTA_BITWISE_SREG
              0800 0200  00000001  # NFTA_BITWISE_DREG
              0800 0300  00000004  # NFTA_BITWISE_LEN
              0c00 0480  # NFTA_BITWISE_MASK
                0800 0100  06000000  # NFTA_DATA_VALUE
              0c00 0580  # NFTA_BITWISE_XOR
                0800 0100  00000000  # NFTA_DATA_VALUE
          2c00 0180  # NFTA_LIST_ELEM
            0800 0100  636d7000  # NFTA_EXPR_NAME 'cmp'
            2000 0280  # NFTA_EXPR_DATA
              0800 0100  00000001  # NFTA_CMP_SREG
              0800 0200  00000001  # NFTA_CMP_OP
              0c00 0380  # NFTA_CMP_DATA
                0800 0100  00000000  # NFTA_DATA_VALUE
          3000 0180  # NFTA_LIST_ELEM
            0e00 0100  696d6d656469617465000000  # NFTA_EXPR_NAME 'immediate'
            1c00 0280  # NFTA_EXPR_DATA
              0800 0100  00000000  # NFTA_IMMEDIATE_DREG
              1000 0280  # NFTA_IMMEDIATE_DATA
                0c00 0280  # NFTA_DATA_VERDICT
                  0800 0100  00000001  # NFTA_VERDICT_CODE
        """;

    /// <summary><c>oifname "up0" masquerade</c></summary>
    public const string AddMasqueradeRule = """
        ac000000 060a010c 00000000 00000000  # NFT_MSG_NEWRULE
        01000000  # nfgenmsg
        1200 0100  636c656176652d75706c696e6b000000  # NFTA_RULE_TABLE 'cleave-uplink'
        1000 0200  706f7374726f7574696e6700  # NFTA_RULE_CHAIN 'postrouting'
        7400 0480  # NFTA_RULE_EXPRESSIONS
          2400 0180  # NFTA_LIST_ELEM
            0900 0100  6d65746100000000  # NFTA_EXPR_NAME 'meta'
            1400 0280  # NFTA_EXPR_DATA
              0800 0200  00000007  # NFTA_META_KEY
              0800 0100  00000001  # NFTA_META_DREG
          3800 0180  # NFTA_LIST_ELEM
            0800 0100  636d7000  # NFTA_EXPR_NAME 'cmp'
            2c00 0280  # NFTA_EXPR_DATA
              0800 0100  00000001  # NFTA_CMP_SREG
              0800 0200  00000000  # NFTA_CMP_OP
              1800 0380  # NFTA_CMP_DATA
                1400 0100  75703000000000000000000000000000  # NFTA_DATA_VALUE
          1400 0180  # NFTA_LIST_ELEM
            0900 0100  6d61737100000000  # NFTA_EXPR_NAME 'masq'
            0400 0280  # NFTA_EXPR_DATA
        """;
}
